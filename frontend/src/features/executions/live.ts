/** How changes that the feed tells are folded into what a page already shows. */
import type { Execution, ExecutionRow, TaskRun } from "@/api/types";
import { labelMap } from "@/kit/Filters";
import type { Pages } from "@/kit/usePages";
import type { Search } from "@/url";

export interface ExecutionChange {
  execution?: Partial<Execution>;
  taskRuns?: TaskRun[];
  outputs?: string[];
  /** Task runs that are no more, as after a restart. */
  deleted?: string[];
}

export function applyChanges(execution: Execution, changes: ExecutionChange[]): Execution {
  const runs = execution.taskRunList && new Map(execution.taskRunList.map((run) => [run.id, run]));
  let light: Partial<Execution> = {};
  for (const change of changes) {
    light = { ...light, ...change.execution };
    if (!runs) continue;
    for (const id of change.deleted ?? []) runs.delete(id);
    for (const run of change.taskRuns ?? []) runs.set(run.id, run);
  }
  return { ...execution, ...light, ...(runs && { taskRunList: [...runs.values()] }) };
}

export function matches(row: ExecutionRow, search: Search): boolean {
  const { q, state, namespace, flowId, labels, from, to } = search;
  const start = Date.parse(row.state.startDate ?? "");
  if ((from && start < Number(from)) || (to && start >= Number(to))) return false;
  if (state && !state.split(",").includes(row.state.current)) return false;
  if (namespace && row.namespace !== namespace && !row.namespace.startsWith(`${namespace}.`)) return false;
  if (flowId && row.flowId !== flowId) return false;
  if (q && ![row.id, row.flowId, row.namespace].some((text) => text.includes(q))) return false;
  return Object.entries(labelMap(labels)).every(([key, value]) =>
    row.labels?.some((label) => label.key === key && label.value === value),
  );
}

/** Known rows change in place or leave when they no longer match; new ones come first, the list being newest first. */
export function mergeRows(
  data: Pages<ExecutionRow>,
  changed: ExecutionRow[],
  search: Search,
): Pages<ExecutionRow> {
  const byId = new Map(changed.map((row) => [row.id, row]));
  const known = new Set<string>();
  let left = 0;
  const pages = data.pages.map((page) => {
    const results = page.results.flatMap((row) => {
      const next = byId.get(row.id);
      if (!next) return [row];
      known.add(row.id);
      if (matches(next, search)) return [{ ...row, ...next }];
      left += 1;
      return [];
    });
    return { ...page, results };
  });
  const fresh = newestFirst(search)
    ? changed.filter((row) => !known.has(row.id) && matches(row, search))
    : [];
  const [first, ...rest] = pages;
  if (!first) return data;
  const total = (first.total ?? 0) + fresh.length - left;
  return { ...data, pages: [{ results: [...fresh.reverse(), ...first.results], total }, ...rest] };
}

function newestFirst({ sort }: Search): boolean {
  return !sort || sort === "state.startDate:desc";
}
