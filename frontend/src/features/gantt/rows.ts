/** Task runs as the rows and bars of a Gantt chart; cost grows linearly with their number. */
import type { TaskRun } from "@/api/types";
import { isTerminal, type Tone, toneOf } from "@/kit/states";

export interface GanttRow {
  run: TaskRun;
  depth: number;
  children: number;
  start: number;
  /** Undefined while it goes on. */
  end: number | undefined;
}

export interface Segment {
  from: number;
  to: number;
  tone: Tone;
  /** Waiting is drawn thinner than working. */
  waiting: boolean;
}

const WAITING = new Set(["CREATED", "SUBMITTED", "QUEUED", "RETRYING"]);

export function ganttRows(runs: TaskRun[], collapsed: ReadonlySet<string>): GanttRow[] {
  const ids = new Set(runs.map(({ id }) => id));
  const children = new Map<string, TaskRun[]>();
  for (const run of runs) {
    const parent = run.parentTaskRunId && ids.has(run.parentTaskRunId) ? run.parentTaskRunId : "";
    const siblings = children.get(parent);
    if (siblings) siblings.push(run);
    else children.set(parent, [run]);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => startOf(a) - startOf(b));

  const rows: GanttRow[] = [];
  const stack = (children.get("") ?? []).map((run) => ({ run, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { run, depth } = next;
    const below = children.get(run.id) ?? [];
    rows.push(rowOfRun(run, depth, below.length));
    if (collapsed.has(run.id)) continue;
    for (let index = below.length - 1; index >= 0; index -= 1) {
      const child = below[index];
      if (child) stack.push({ run: child, depth: depth + 1 });
    }
  }
  return rows;
}

export function rowOfRun(run: TaskRun, depth: number, children: number): GanttRow {
  return { run, depth, children, start: startOf(run), end: endOf(run) };
}

/** From the first start to the last end, and whether anything still goes on. */
export interface Reach {
  from: number;
  to: number;
  running: boolean;
}

export function ganttReach(runs: TaskRun[]): Reach {
  const reach = { from: Number.POSITIVE_INFINITY, to: 0, running: false };
  for (const run of runs) {
    const end = endOf(run);
    reach.from = Math.min(reach.from, startOf(run));
    reach.to = Math.max(reach.to, end ?? 0);
    reach.running ||= end === undefined;
  }
  return reach;
}

/** The span that the chart shows: it reaches to now while something goes on. */
export function ganttSpan({ from, to, running }: Reach, now: number): { from: number; to: number } {
  if (!Number.isFinite(from)) return { from: now, to: now + 1000 };
  return { from, to: Math.max(running ? Math.max(to, now) : to, from + 100) };
}

/** What a task run was doing when, read from its history. */
export function segmentsOf(run: TaskRun, now: number): Segment[] {
  const { histories = [], current } = run.state;
  return histories.flatMap(({ state, date }, index) => {
    if (isTerminal(state)) return [];
    const next = histories[index + 1];
    const from = Date.parse(date);
    const to = next ? Date.parse(next.date) : now;
    const waiting = WAITING.has(state);
    const tone = waiting
      ? "calm"
      : state === "RUNNING" && isTerminal(current)
        ? toneOf(current)
        : toneOf(state);
    return [{ from, to, tone, waiting }];
  });
}

/** Round steps of time for the axis, about `wanted` of them. */
export function ticks(span: number, wanted: number): number[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000];
  steps.push(...[2, 5, 10, 15, 30, 60, 120, 360, 720, 1440].map((minutes) => minutes * 60_000));
  const step =
    steps.find((size) => span / size <= wanted) ?? Math.ceil(span / wanted / 86_400_000) * 86_400_000;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

function startOf(run: TaskRun): number {
  return Date.parse(run.state.startDate ?? run.state.histories?.[0]?.date ?? "") || 0;
}

function endOf(run: TaskRun): number | undefined {
  if (!isTerminal(run.state.current)) return undefined;
  const last = run.state.histories?.[run.state.histories.length - 1]?.date;
  return Date.parse(run.state.endDate ?? last ?? "") || undefined;
}
