/** The rights of a role as a table: what it holds, and what a click in it changes. */

export type Permissions = Record<string, string[]>;

/** The actions that nearly every resource has; the others are named where they are. */
export const USUAL = ["VIEW", "LIST", "CREATE", "UPDATE", "DELETE"];

export interface MatrixRow {
  resource: string;
  /** Legal actions outside of the usual ones. */
  others: string[];
}

export function rowsOf(catalogue: Permissions, text: string): MatrixRow[] {
  const wanted = text.trim().toLowerCase();
  const rows = Object.entries(catalogue).map(([resource, actions]) => ({
    resource,
    others: actions.filter((action) => !USUAL.includes(action)),
  }));
  if (!wanted) return rows;
  return rows.filter(({ resource, others }) =>
    [resource, ...others].some((word) => `${word} ${wordOf(word)}`.toLowerCase().includes(wanted)),
  );
}

export function holds(permissions: Permissions, resource: string, action: string): boolean {
  return permissions[resource]?.includes(action) ?? false;
}

/** Adds or takes away; a resource without any action is left out. */
export function changed(permissions: Permissions, pairs: [string, string][], given: boolean): Permissions {
  const next = new Map(
    Object.entries(permissions).map(([resource, actions]) => [resource, new Set(actions)]),
  );
  for (const [resource, action] of pairs) {
    const actions = next.get(resource) ?? new Set<string>();
    if (given) actions.add(action);
    else actions.delete(action);
    next.set(resource, actions);
  }
  return Object.fromEntries(
    [...next]
      .filter(([, actions]) => actions.size > 0)
      .map(([resource, actions]) => [resource, [...actions]]),
  );
}

/** How many of the pairs are held. */
export function heldOf(permissions: Permissions, pairs: [string, string][]): number {
  return pairs.filter(([resource, action]) => holds(permissions, resource, action)).length;
}

export function pairsOfRow(catalogue: Permissions, resource: string): [string, string][] {
  return (catalogue[resource] ?? []).map((action) => [resource, action]);
}

export function pairsOfColumn(catalogue: Permissions, rows: MatrixRow[], action: string): [string, string][] {
  return rows
    .filter(({ resource }) => catalogue[resource]?.includes(action))
    .map(({ resource }) => [resource, action]);
}

export function same(a: Permissions, b: Permissions): boolean {
  const flat = (permissions: Permissions) =>
    Object.entries(permissions)
      .flatMap(([resource, actions]) => actions.map((action) => `${resource} ${action}`))
      .sort()
      .join();
  return flat(a) === flat(b);
}

export function countOf(permissions: Permissions): number {
  return Object.values(permissions).reduce((sum, actions) => sum + actions.length, 0);
}

const SPELLED: Record<string, string> = {
  KVSTORE: "Key-value store",
  AUDITLOG: "Audit log",
  MCP_SERVER: "MCP server",
};

/** `NAMESPACE_FILE` as people read it. */
export function wordOf(name: string): string {
  const words = name.toLowerCase().replaceAll("_", " ");
  return SPELLED[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}
