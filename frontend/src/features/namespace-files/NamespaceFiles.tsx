/** The files of a namespace: the tree, what is open in tabs, and how files come in and go out. */
import { ActionIcon, Button, FileButton, Menu, TextInput } from "@mantine/core";
import {
  IconDotsVertical,
  IconFileCode,
  IconFilePlus,
  IconFileZip,
  IconFolderPlus,
  IconPackageExport,
  IconSearch,
  IconUpload,
} from "@tabler/icons-react";
import { type DragEvent, useRef } from "react";
import { saveAddress } from "@/kit/download";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { useTenant } from "@/url";
import { type Act, FileTree } from "./FileTree";
import { FileView } from "./FileView";
import { Found } from "./Found";
import classes from "./NamespaceFiles.module.css";
import { PathDialog } from "./PathDialog";
import { ROOT } from "./paths";
import { archiveAddress } from "./queries";
import { Tabs } from "./Tabs";
import { type TreeRow, useTreeRows } from "./treeRows";
import { useFileActs } from "./useFileActs";
import { useWorkspace } from "./useWorkspace";

export function NamespaceFiles({ namespace }: { namespace: string }) {
  const place = { tenant: useTenant(), namespace };
  const workspace = useWorkspace();
  const acts = useFileActs(place, workspace);
  const { top, rows } = useTreeRows(place, workspace.expanded);
  const picker = useRef<HTMLButtonElement>(null);
  const { files } = workspace;
  if (top?.isError) return <Failure error={top.error} onRetry={top.refetch} />;
  if (!top?.data) return <RowsLoading rows={12} height={26} />;
  const act = (chosen: Act, row: TreeRow) => {
    if (chosen === "upload") {
      workspace.aim(row.path);
      picker.current?.click();
    } else acts[chosen](row.path);
  };
  const isEmpty = rows.length === 0;
  const add = (
    <Toolbar
      onNewFile={() => acts.newFile(ROOT)}
      onNewFolder={() => acts.newFolder(ROOT)}
      onUnpack={(archive) => acts.unpack(ROOT, archive)}
      onExport={() => saveAddress(archiveAddress(place), `${namespace}_files.zip`)}
      onUpload={() => {
        workspace.aim(ROOT);
        picker.current?.click();
      }}
    />
  );
  return (
    <>
      <FileButton multiple onChange={(chosen) => acts.upload(workspace.aimed(), chosen)}>
        {(props) => <button type="button" ref={picker} hidden {...props} />}
      </FileButton>
      {isEmpty ? (
        <div {...dropping((dropped) => acts.upload(ROOT, dropped))}>
          <Empty icon={IconFileCode} title="No file in this namespace" actions={add}>
            Scripts, queries and settings that flows here use: a task reads one as{" "}
            <code>{"{{ read('queries/orders.sql') }}"}</code>, and has all of them in its folder with{" "}
            <code>namespaceFiles</code>. Drop files here to upload them.
          </Empty>
        </div>
      ) : (
        <div className={classes.workspace}>
          <aside className={classes.side} aria-label="Files">
            <div className={classes.sideBar}>{add}</div>
            <TextInput
              size="xs"
              aria-label="Search files"
              placeholder="Search files"
              leftSection={<IconSearch size={13} />}
              value={workspace.wanted}
              onChange={(event) => workspace.search(event.currentTarget.value)}
            />
            {workspace.wanted.trim() ? (
              <Found place={place} wanted={workspace.wanted.trim()} onOpen={workspace.open} />
            ) : (
              <FileTree
                rows={rows}
                current={files.current}
                changed={workspace.changed}
                onToggle={workspace.toggle}
                onOpen={workspace.open}
                onAct={act}
                onDropFiles={acts.upload}
                onDropEntry={acts.moveInto}
              />
            )}
          </aside>
          <section className={classes.main} aria-label="Open files">
            <Tabs files={files} onChoose={workspace.open} onClose={acts.close} />
            {files.current === undefined ? (
              <p className={classes.hint}>Choose a file to read or change it, or drop files onto a folder.</p>
            ) : (
              <FileView
                key={files.current}
                place={place}
                path={files.current}
                draft={files.drafts[files.current]}
                onType={workspace.type}
                onSaved={workspace.saved}
              />
            )}
          </section>
        </div>
      )}
      <PathDialog question={acts.question} onClose={acts.closeQuestion} />
    </>
  );
}

interface ToolbarProps {
  onNewFile: () => void;
  onNewFolder: () => void;
  onUpload: () => void;
  onUnpack: (archive: File) => void;
  onExport: () => void;
}

function Toolbar({ onNewFile, onNewFolder, onUpload, onUnpack, onExport }: ToolbarProps) {
  const archive = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button size="xs" leftSection={<IconFilePlus size={14} />} onClick={onNewFile}>
        New file
      </Button>
      <Button size="xs" variant="default" leftSection={<IconUpload size={14} />} onClick={onUpload}>
        Upload
      </Button>
      <FileButton accept=".zip,application/zip" onChange={(chosen) => chosen && onUnpack(chosen)}>
        {(props) => <button type="button" ref={archive} hidden {...props} />}
      </FileButton>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More for all files">
            <IconDotsVertical size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconFolderPlus size={14} />} onClick={onNewFolder}>
            New folder
          </Menu.Item>
          <Menu.Item leftSection={<IconFileZip size={14} />} onClick={() => archive.current?.click()}>
            Import ZIP
          </Menu.Item>
          <Menu.Item leftSection={<IconPackageExport size={14} />} onClick={onExport}>
            Export ZIP
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function dropping(onFiles: (files: File[]) => void) {
  return {
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      onFiles([...event.dataTransfer.files]);
    },
  };
}
