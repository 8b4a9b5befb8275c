/** A table for any number of rows: only those in view exist, selection and keyboard included. */
import { Checkbox } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import classes from "./DataTable.module.css";

export interface Column<T> {
  id: string;
  header: ReactNode;
  /** A track of a CSS grid: `minmax(160px, 2fr)`, `110px`. */
  width: string;
  cell: (row: T) => ReactNode;
  /** The widest screen on which the column is left out. */
  hide?: "narrow" | "medium";
  align?: "end";
  /** The name the API sorts by. */
  sort?: string;
}

export interface Selection {
  selected: ReadonlySet<string>;
  onChange: (selected: Set<string>) => void;
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  rowName: (row: T) => string;
  rowTo?: (row: T) => string;
  onRow?: (row: T) => void;
  selection?: Selection;
  sort?: string;
  onSort?: (sort: string) => void;
  /** Called when the last rows come into view. */
  onEnd?: () => void;
  rowHeight?: number;
  total?: number;
}

export function DataTable<T>(props: DataTableProps<T>) {
  const { columns, rows, rowKey, selection, rowHeight = 40, onEnd } = props;
  const shown = useShownColumns(columns);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    getItemKey: (index) => rowKey(rows[index] as T),
  });
  const items = virtualizer.getVirtualItems();
  const last = items[items.length - 1]?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 10) onEnd?.();
  }, [last, rows.length, onEnd]);

  const tracks = shown.map((column) => column.width).join(" ");
  const template = selection ? `32px ${tracks}` : tracks;

  return (
    <div ref={scroller} className={classes.scroller} onKeyDown={moveFocus}>
      <div role="table" aria-label={props.label} aria-rowcount={props.total ?? rows.length}>
        <HeaderRow {...props} columns={shown} template={template} />
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
          {items.map((item) => (
            <Row
              key={item.key}
              {...props}
              columns={shown}
              row={rows[item.index] as T}
              template={template}
              top={item.start}
              rowHeight={rowHeight}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function useShownColumns<T>(columns: Column<T>[]): Column<T>[] {
  const narrow = useMediaQuery("(max-width: 640px)");
  const medium = useMediaQuery("(max-width: 1000px)");
  return columns.filter(({ hide }) => !(hide && (narrow || (medium && hide === "medium"))));
}

type HeaderProps<T> = DataTableProps<T> & { template: string };

function HeaderRow<T>({ columns, rows, rowKey, selection, sort, onSort, template }: HeaderProps<T>) {
  const chosen = selection?.selected.size ?? 0;
  const toggleAll = () => selection?.onChange(new Set(chosen === rows.length ? [] : rows.map(rowKey)));
  return (
    <div role="rowgroup" className={classes.head}>
      <div
        role="row"
        className={classes.row}
        style={{ gridTemplateColumns: template, height: 32 }}
        tabIndex={-1}
      >
        {selection && (
          <div role="columnheader" className={classes.cell}>
            <Checkbox
              size="xs"
              aria-label="Select all rows"
              checked={chosen > 0 && chosen === rows.length}
              indeterminate={chosen > 0 && chosen < rows.length}
              onChange={toggleAll}
            />
          </div>
        )}
        {columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={classes.cell}
            data-align={column.align}
            aria-sort={sortDirection(column, sort)}
          >
            {column.sort && onSort ? (
              <button type="button" className={classes.sort} onClick={() => onSort(nextSort(column, sort))}>
                {column.header}
                {sortDirection(column, sort) && (sort?.endsWith(":asc") ? " ↑" : " ↓")}
              </button>
            ) : (
              column.header
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

type RowProps<T> = DataTableProps<T> & { row: T; template: string; top: number; rowHeight: number };

function Row<T>({
  columns,
  row,
  rowKey,
  rowName,
  rowTo,
  onRow,
  selection,
  template,
  top,
  rowHeight,
}: RowProps<T>) {
  const navigate = useNavigate();
  const key = rowKey(row);
  const selected = selection?.selected.has(key) ?? false;
  const active = Boolean(rowTo || onRow);

  function open(event: MouseEvent) {
    if (event.defaultPrevented || isControl(event.target)) return;
    if (onRow) onRow(row);
    else if (rowTo && (event.metaKey || event.ctrlKey)) window.open(`/ui${rowTo(row)}`, "_blank", "noopener");
    else if (rowTo) navigate({ to: rowTo(row) });
  }

  function toggle() {
    const next = new Set(selection?.selected);
    if (!next.delete(key)) next.add(key);
    selection?.onChange(next);
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: each row holds a link or button that the keyboard reaches
    <div
      role="row"
      tabIndex={-1}
      className={classes.row}
      data-active={active || undefined}
      data-selected={selected || undefined}
      style={{
        gridTemplateColumns: template,
        height: rowHeight,
        transform: `translateY(${top}px)`,
        position: "absolute",
      }}
      onClick={active ? open : undefined}
    >
      {selection && (
        <div role="cell" className={classes.cell}>
          <Checkbox size="xs" aria-label={`Select ${rowName(row)}`} checked={selected} onChange={toggle} />
        </div>
      )}
      {columns.map((column) => (
        <div key={column.id} role="cell" className={classes.cell} data-align={column.align}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null;
}

function sortDirection<T>(
  column: Column<T>,
  sort: string | undefined,
): "ascending" | "descending" | undefined {
  if (!column.sort || !sort?.startsWith(`${column.sort}:`)) return undefined;
  return sort.endsWith(":asc") ? "ascending" : "descending";
}

function nextSort<T>(column: Column<T>, sort: string | undefined): string {
  return `${column.sort}:${sort === `${column.sort}:asc` ? "desc" : "asc"}`;
}

/** J and K, or the arrows, walk through the links of the rows. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (!step || !(event.target instanceof HTMLAnchorElement)) return;
  const links = [
    ...event.currentTarget.querySelectorAll<HTMLElement>('[role="row"] [role="cell"] a:first-of-type'),
  ];
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
