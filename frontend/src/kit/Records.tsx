/** A list of things of one kind: searched, paged as one scrolls, with what to say when there is none. */
import type { QueryKey } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useUrlState } from "@/url";
import { type Column, DataTable } from "./DataTable";
import { FilterBar, SearchFilter } from "./Filters";
import { Empty, Failure, type Icon, RowsLoading } from "./Notices";
import { type PageOf, usePages } from "./usePages";

interface RecordsProps<T> {
  /** What the table is called: "Groups". */
  label: string;
  queryKey: QueryKey;
  fetchPage: (q: string | undefined, page: number) => Promise<PageOf<T>>;
  columns: Column<T>[];
  keyOf: (row: T) => string;
  nameOf: (row: T) => string;
  rowTo?: (row: T) => string;
  /** Shown while there is none. */
  icon: Icon;
  hint: ReactNode;
  actions?: ReactNode;
  /** Shown instead of the list when it is refused. */
  refused?: (error: unknown) => ReactNode;
}

export function Records<T>(props: RecordsProps<T>) {
  const { label, queryKey, fetchPage, columns, keyOf, nameOf, rowTo, icon, hint, actions, refused } = props;
  const [search, setSearch] = useUrlState();
  const { q } = search;
  const { query, rows, total, onEnd } = usePages({
    queryKey: [...queryKey, "search", q],
    fetchPage: (page) => fetchPage(q, page),
    keyOf,
  });
  const noun = label.toLowerCase();
  if (query.isError && !query.data)
    return refused?.(query.error) ?? <Failure error={query.error} onRetry={query.refetch} />;
  return (
    <>
      <FilterBar>
        <SearchFilter label={`Search ${noun}`} value={q} onChange={(next) => setSearch({ q: next })} />
        <span style={{ flex: 1 }} />
        {actions}
      </FilterBar>
      {query.isPending && <RowsLoading rows={8} height={40} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={icon} title={q ? `No ${noun} match` : `No ${noun} yet`}>
          {q ? "Search for less." : hint}
        </Empty>
      )}
      {rows.length > 0 && (
        <DataTable
          label={label}
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          rowName={nameOf}
          rowTo={rowTo}
          onEnd={onEnd}
          total={total}
        />
      )}
    </>
  );
}
