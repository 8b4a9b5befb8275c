/** The tree of a namespace's files: opened by folder, walked with arrows, files dropped where they shall lie. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconChevronRight,
  IconDots,
  IconFile,
  IconFilePlus,
  IconFolder,
  IconFolderOpen,
  IconFolderPlus,
  IconFolderSymlink,
  IconPencil,
  IconTrash,
  IconUpload,
} from "@tabler/icons-react";
import { type DragEvent, type KeyboardEvent, useRef, useState } from "react";
import type { Icon } from "@/kit/Notices";
import classes from "./NamespaceFiles.module.css";
import { parentOf, ROOT } from "./paths";
import { ENTRY_TYPE, type TreeRow } from "./treeRows";

export type Act = "newFile" | "newFolder" | "upload" | "rename" | "move" | "delete";

interface FileTreeProps {
  rows: TreeRow[];
  /** The file in front. */
  current: string | undefined;
  /** Files with changes that are not saved. */
  changed: ReadonlySet<string>;
  onToggle: (folder: string) => void;
  onOpen: (path: string) => void;
  onAct: (act: Act, row: TreeRow) => void;
  onDropFiles: (folder: string, files: File[]) => void;
  onDropEntry: (path: string, folder: string) => void;
}

export function FileTree(props: FileTreeProps) {
  const { rows, current, changed, onToggle, onOpen, onAct } = props;
  const list = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const [menu, setMenu] = useState<string>();
  const drop = useDrop(props);
  const focused = rows.some(({ path }) => path === active) ? active : (current ?? rows[0]?.path);

  function focus(row: TreeRow | undefined) {
    if (!row) return;
    setActive(row.path);
    list.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.path)}"]`)?.focus();
  }

  function press(event: KeyboardEvent, row: TreeRow, index: number) {
    if (event.target !== event.currentTarget) return;
    const choose = () => (row.isFolder ? onToggle(row.path) : onOpen(row.path));
    const parent = () => rows.find(({ path }) => path === parentOf(row.path));
    const acts = new Map<string, () => void>([
      ["ArrowDown", () => focus(rows[index + 1])],
      ["ArrowUp", () => focus(rows[index - 1])],
      ["Home", () => focus(rows[0])],
      ["End", () => focus(rows.at(-1))],
      ["ArrowRight", () => (row.isFolder && !row.isOpen ? onToggle(row.path) : focus(rows[index + 1]))],
      ["ArrowLeft", () => (row.isOpen ? onToggle(row.path) : focus(parent()))],
      ["Enter", choose],
      [" ", choose],
      ["F2", () => onAct("rename", row)],
      ["Delete", () => onAct("delete", row)],
      ["ContextMenu", () => setMenu(row.path)],
    ]);
    const act = acts.get(event.key === "F10" && event.shiftKey ? "ContextMenu" : event.key);
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  return (
    <div
      ref={list}
      role="tree"
      aria-label="Files of the namespace"
      className={classes.tree}
      data-target={drop.target === ROOT || undefined}
      {...drop.on(ROOT)}
    >
      {rows.map((row, index) => (
        <div
          key={row.path}
          role="treeitem"
          aria-level={row.depth + 1}
          aria-expanded={row.isFolder ? row.isOpen : undefined}
          aria-selected={row.path === current}
          aria-label={changed.has(row.path) ? `${row.name}, not saved` : row.name}
          tabIndex={row.path === focused ? 0 : -1}
          data-path={row.path}
          data-target={(row.isFolder && drop.target === row.path) || undefined}
          className={classes.entry}
          style={{ paddingLeft: 6 + row.depth * 14 }}
          draggable
          onDragStart={(event) => event.dataTransfer.setData(ENTRY_TYPE, row.path)}
          {...drop.on(row.isFolder ? row.path : parentOf(row.path))}
          onFocus={() => setActive(row.path)}
          onClick={() => (row.isFolder ? onToggle(row.path) : onOpen(row.path))}
          onContextMenu={(event) => {
            event.preventDefault();
            setMenu(row.path);
          }}
          onKeyDown={(event) => press(event, row, index)}
        >
          <EntryIcon row={row} />
          <span className={classes.entryName}>{row.name}</span>
          {changed.has(row.path) && <span className={classes.dot} aria-hidden="true" />}
          <EntryMenu
            row={row}
            opened={menu === row.path}
            onChange={(isOpen) => setMenu(isOpen ? row.path : undefined)}
            onAct={onAct}
          />
        </div>
      ))}
    </div>
  );
}

function EntryIcon({ row }: { row: TreeRow }) {
  if (!row.isFolder) return <IconFile size={15} stroke={1.5} className={classes.fileIcon} />;
  const Folder = row.isOpen ? IconFolderOpen : IconFolder;
  return (
    <>
      <IconChevronRight size={13} className={classes.chevron} data-open={row.isOpen || undefined} />
      <Folder size={15} stroke={1.5} />
    </>
  );
}

const OF_FOLDER: [Act, string, Icon][] = [
  ["newFile", "New file", IconFilePlus],
  ["newFolder", "New folder", IconFolderPlus],
  ["upload", "Upload", IconUpload],
];
const OF_EVERY: [Act, string, Icon][] = [
  ["rename", "Rename", IconPencil],
  ["move", "Move", IconFolderSymlink],
  ["delete", "Delete", IconTrash],
];

interface EntryMenuProps {
  row: TreeRow;
  opened: boolean;
  onChange: (opened: boolean) => void;
  onAct: (act: Act, row: TreeRow) => void;
}

function EntryMenu({ row, opened, onChange, onAct }: EntryMenuProps) {
  const items = row.isFolder ? [...OF_FOLDER, ...OF_EVERY] : OF_EVERY;
  return (
    <Menu opened={opened} onChange={onChange} position="bottom-end" withinPortal returnFocus>
      <Menu.Target>
        <ActionIcon
          size="xs"
          tabIndex={-1}
          aria-label={`What to do with ${row.name}`}
          className={classes.more}
          onClick={(event) => {
            event.stopPropagation();
            onChange(!opened);
          }}
        >
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown
        onClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => event.stopPropagation()}
      >
        {items.map(([act, label, ActIcon]) => (
          <Menu.Item
            key={act}
            color={act === "delete" ? "red" : undefined}
            leftSection={<ActIcon size={14} />}
            onClick={() => onAct(act, row)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Files from outside are uploaded where they fall, entries of the tree are moved there. */
function useDrop({ onDropFiles, onDropEntry }: FileTreeProps) {
  const [target, setTarget] = useState<string>();
  const on = (folder: string) => ({
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      event.stopPropagation();
      setTarget(folder);
    },
    onDragLeave: () => setTarget(undefined),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      event.stopPropagation();
      setTarget(undefined);
      const path = event.dataTransfer.getData(ENTRY_TYPE);
      if (path) onDropEntry(path, folder);
      else if (event.dataTransfer.files.length > 0) onDropFiles(folder, [...event.dataTransfer.files]);
    },
  });
  return { target, on };
}
