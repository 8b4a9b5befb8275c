/** The open files: one is in front, each can be closed. */
import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import classes from "./NamespaceFiles.module.css";
import type { OpenFiles } from "./openFiles";
import { nameOf } from "./paths";

interface TabsProps {
  files: OpenFiles;
  onChoose: (path: string) => void;
  onClose: (path: string) => void;
}

export function Tabs({ files, onChoose, onClose }: TabsProps) {
  if (files.paths.length === 0) return null;
  return (
    <nav className={classes.tabs} aria-label="Open files">
      {files.paths.map((path) => {
        const name = nameOf(path);
        const isChanged = path in files.drafts;
        return (
          <span key={path} className={classes.tab} data-current={path === files.current || undefined}>
            <button
              type="button"
              title={path}
              aria-current={path === files.current || undefined}
              aria-label={isChanged ? `${name}, not saved` : name}
              onClick={() => onChoose(path)}
              onAuxClick={(event) => event.button === 1 && onClose(path)}
            >
              {name}
              {isChanged && <span className={classes.dot} aria-hidden="true" />}
            </button>
            <ActionIcon size="xs" aria-label={`Close ${name}`} onClick={() => onClose(path)}>
              <IconX size={12} />
            </ActionIcon>
          </span>
        );
      })}
    </nav>
  );
}
