/** Which actions a role allows on which resources: rows and columns as a whole, and each right by itself. */
import { Checkbox, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import classes from "./Matrix.module.css";
import {
  changed,
  heldOf,
  holds,
  type MatrixRow,
  type Permissions,
  pairsOfColumn,
  pairsOfRow,
  rowsOf,
  USUAL,
  wordOf,
} from "./matrix";

interface MatrixProps {
  /** Every resource with the actions that it knows. */
  catalogue: Permissions;
  permissions: Permissions;
  /** Absent for a role that cannot be changed. */
  onChange?: (permissions: Permissions) => void;
}

export function Matrix({ catalogue, permissions, onChange }: MatrixProps) {
  const [text, setText] = useState("");
  const rows = useMemo(() => rowsOf(catalogue, text), [catalogue, text]);
  const set = (pairs: [string, string][], given: boolean) => onChange?.(changed(permissions, pairs, given));
  return (
    <>
      <TextInput
        size="xs"
        aria-label="Search resources and actions"
        placeholder="Search resources and actions"
        leftSection={<IconSearch size={13} />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        className={classes.search}
      />
      <div className={classes.frame}>
        <table className={classes.table} aria-label="Rights" onKeyDown={walk}>
          <thead>
            <tr>
              <th scope="col">Resource</th>
              {USUAL.map((action) => (
                <th key={action} scope="col" className={classes.action}>
                  <Whole
                    label={wordOf(action)}
                    about={`${wordOf(action)} everything shown`}
                    pairs={pairsOfColumn(catalogue, rows, action)}
                    permissions={permissions}
                    onChange={onChange && set}
                  />
                </th>
              ))}
              <th scope="col">Other actions</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row
                key={row.resource}
                row={row}
                catalogue={catalogue}
                permissions={permissions}
                onChange={onChange && set}
              />
            ))}
          </tbody>
        </table>
        {rows.length === 0 && <p className={classes.none}>No resource or action matches.</p>}
      </div>
    </>
  );
}

type Set = (pairs: [string, string][], given: boolean) => void;

interface RowProps {
  row: MatrixRow;
  catalogue: Permissions;
  permissions: Permissions;
  onChange: Set | undefined;
}

function Row({ row: { resource, others }, catalogue, permissions, onChange }: RowProps) {
  const name = wordOf(resource);
  return (
    <tr data-held={permissions[resource] ? true : undefined}>
      <th scope="row">
        <Whole
          label={name}
          about={`Everything on ${name}`}
          pairs={pairsOfRow(catalogue, resource)}
          permissions={permissions}
          onChange={onChange}
        />
      </th>
      {USUAL.map((action) => (
        <td key={action} className={classes.action}>
          {catalogue[resource]?.includes(action) && (
            <Checkbox
              size="xs"
              aria-label={`${wordOf(action)} on ${name}`}
              checked={holds(permissions, resource, action)}
              disabled={!onChange}
              onChange={(event) => onChange?.([[resource, action]], event.currentTarget.checked)}
            />
          )}
        </td>
      ))}
      <td>
        <div className={classes.others}>
          {others.map((action) => {
            const held = holds(permissions, resource, action);
            return (
              <button
                key={action}
                type="button"
                className={classes.chip}
                aria-pressed={held}
                aria-label={`${wordOf(action)} on ${name}`}
                disabled={!onChange}
                onClick={() => onChange?.([[resource, action]], !held)}
              >
                {wordOf(action)}
              </button>
            );
          })}
        </div>
      </td>
    </tr>
  );
}

interface WholeProps {
  label: string;
  about: string;
  pairs: [string, string][];
  permissions: Permissions;
  onChange: Set | undefined;
}

/** The name of a row or column, which gives or takes all of it. */
function Whole({ label, about, pairs, permissions, onChange }: WholeProps) {
  const held = heldOf(permissions, pairs);
  if (!onChange) return <span className={classes.whole}>{label}</span>;
  return (
    <button
      type="button"
      className={classes.whole}
      aria-label={about}
      aria-pressed={held === pairs.length ? true : held > 0 ? "mixed" : false}
      onClick={() => onChange(pairs, held < pairs.length)}
    >
      {label}
    </button>
  );
}

/** The arrows go from right to right, as in a sheet. */
function walk(event: KeyboardEvent<HTMLTableElement>): void {
  const [down, right] = STEPS[event.key] ?? [0, 0];
  if (!(down || right) || !(event.target instanceof HTMLElement)) return;
  const cell = event.target.closest<HTMLTableCellElement>("td, th");
  const controls = (one: Element | null | undefined) => [
    ...(one?.querySelectorAll<HTMLElement>("button:not(:disabled), input:not(:disabled)") ?? []),
  ];
  if (!cell) return;
  const beside = right ? controls(cell)[controls(cell).indexOf(event.target) + right] : undefined;
  const next = beside ?? (right ? sideways(cell, right, controls) : upright(cell, down, controls));
  if (!next) return;
  event.preventDefault();
  next.focus();
}

const STEPS: Record<string, [number, number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

type Controls = (one: Element | null | undefined) => HTMLElement[];

function sideways(cell: HTMLTableCellElement, step: number, controls: Controls): HTMLElement | undefined {
  const cells = [...(cell.parentElement as HTMLTableRowElement).cells];
  for (let index = cell.cellIndex + step; cells[index]; index += step) {
    const found = controls(cells[index]);
    if (found.length > 0) return step > 0 ? found[0] : found[found.length - 1];
  }
  return undefined;
}

function upright(cell: HTMLTableCellElement, step: number, controls: Controls): HTMLElement | undefined {
  const row = cell.parentElement as HTMLTableRowElement;
  const rows = [...(row.closest("table")?.rows ?? [])];
  for (let index = row.rowIndex + step; rows[index]; index += step) {
    const [found] = controls(rows[index]?.cells[cell.cellIndex]);
    if (found) return found;
  }
  return undefined;
}
