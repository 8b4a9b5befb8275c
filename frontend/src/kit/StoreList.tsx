/** What a namespace keeps by name: its table, how one more comes in and how one is changed. */
import { Button, Modal, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ComponentProps, type ReactNode, useState } from "react";
import { type Column, DataTable } from "@/kit/DataTable";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import type { PageOf } from "@/kit/usePages";
import classes from "./StoreList.module.css";
import type { Named } from "./storeColumns";

interface StoreListProps<T> {
  label: string;
  /** What one of them is called: "secret". */
  noun: string;
  icon: ComponentProps<typeof Empty>["icon"];
  query: UseQueryResult<PageOf<T> & { readOnly?: boolean }>;
  columns: (change: (row: T) => void) => Column<T>[];
  /** Shown while there is none. */
  hint: ReactNode;
  /** The title of the dialog that changes the one of this name. */
  changeTitle: (name: string) => string;
  /** The form of a new one, or of the one to change. */
  form: (known: T | undefined, onClose: () => void) => ReactNode;
  /** Whose they are, where it is not the namespace. */
  where?: string;
  /** What stands below the table. */
  children?: ReactNode;
  /** What the rows are narrowed to by name. */
  search?: { value: string; onChange: (value: string) => void };
}

export function StoreList<T extends Named>(props: StoreListProps<T>) {
  const { label, noun, icon, query, columns, hint, changeTitle, form, children, search } = props;
  const { where = "in this namespace" } = props;
  const [opened, dialog] = useDisclosure();
  const [changing, setChanging] = useState<T>();
  const edit = (row?: T) => {
    setChanging(row);
    dialog.open();
  };
  if (query.isError) return <Failure error={query.error} onRetry={query.refetch} />;
  if (!query.data) return <RowsLoading rows={5} height={40} />;
  const { results: rows, readOnly } = query.data;
  const add = !readOnly && (
    <Button leftSection={<IconPlus size={14} />} onClick={() => edit()}>
      New {noun}
    </Button>
  );
  return (
    <>
      {rows.length === 0 && !search?.value ? (
        <Empty icon={icon} title={`No ${noun} ${where}`} actions={add}>
          {hint}
        </Empty>
      ) : (
        <>
          <div className={classes.bar}>
            {search && (
              <TextInput
                type="search"
                aria-label={`Search ${label.toLowerCase()}`}
                placeholder="Search"
                leftSection={<IconSearch size={14} />}
                value={search.value}
                onChange={(event) => search.onChange(event.currentTarget.value)}
              />
            )}
            <span className={classes.space} />
            {add}
          </div>
          {rows.length === 0 ? (
            <p className={classes.dim}>No {noun} has that in its name.</p>
          ) : (
            <DataTable label={label} columns={columns(edit)} rows={rows} rowKey={nameOf} rowName={nameOf} />
          )}
        </>
      )}
      {children}
      <Modal
        opened={opened}
        onClose={dialog.close}
        title={changing ? changeTitle(nameOf(changing)) : `New ${noun}`}
      >
        {form(changing, dialog.close)}
      </Modal>
    </>
  );
}

function nameOf({ key = "" }: Named): string {
  return key;
}
