/** The columns that every store has: the name of a row and what can be done with it. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { CopyText } from "@/kit/CopyText";
import { confirm } from "@/kit/confirm";
import type { Column } from "@/kit/DataTable";
import { done } from "@/kit/notify";
import classes from "./StoreList.module.css";

export interface Named {
  key?: string;
}

/** `read` is the function with which an expression reads it. */
export function nameColumn(
  header: string,
  width: string,
  read: "kv" | "secret" | "credential",
): Column<Named> {
  return {
    id: "key",
    header,
    width,
    cell: ({ key = "" }) => (
      <span className={classes.name}>
        <span className="mono">{key}</span>
        <CopyText value={`{{ ${read}('${key}') }}`} label={`Copy ${key} as expression`} />
      </span>
    ),
  };
}

interface Actions<T> {
  changeLabel: string;
  onChange: (row: T) => void;
  /** "Delete secret" */
  deleteTitle: string;
  /** What follows for the flows that read it. */
  deleteText: string;
  onDelete: (name: string) => Promise<unknown>;
}

export function actionsColumn<T extends Named>(actions: Actions<T>): Column<T> {
  return {
    id: "actions",
    header: "",
    width: "84px",
    align: "end",
    cell: (row) => (
      <>
        <Tooltip label={actions.changeLabel}>
          <ActionIcon aria-label={`Change ${row.key}`} onClick={() => actions.onChange(row)}>
            <IconPencil size={15} />
          </ActionIcon>
        </Tooltip>
        <ActionIcon aria-label={`Delete ${row.key}`} onClick={() => askDelete(row.key ?? "", actions)}>
          <IconTrash size={15} />
        </ActionIcon>
      </>
    ),
  };
}

type Deletion = Pick<Actions<Named>, "deleteTitle" | "deleteText" | "onDelete">;

function askDelete(name: string, { deleteTitle, deleteText, onDelete }: Deletion): void {
  confirm({
    title: deleteTitle,
    name,
    text: deleteText,
    verb: "Delete",
    typed: true,
    run: async () => {
      await onDelete(name);
      done(`${name} deleted`);
    },
  });
}
