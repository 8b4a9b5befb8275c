/** The lines of a log in their order, each once, however often the feed repeats them. */
import type { Level, LogLine } from "@/api/types";
import { lastState } from "./progress";

export const LEVELS: Level[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

export class LogBook {
  lines: LogLine[] = [];
  private readonly seen = new Set<string | number>();

  /** Returns whether anything was new. */
  add(lines: LogLine[]): boolean {
    const fresh = lines.filter((line) => {
      const key = keyOfLine(line);
      if (this.seen.has(key)) return false;
      this.seen.add(key);
      return true;
    });
    if (fresh.length === 0) return false;
    const last = this.lines[this.lines.length - 1];
    const first = fresh[0];
    const inOrder = !last || !first || compare(last, first) <= 0;
    this.lines = [...this.lines, ...fresh];
    if (!inOrder || fresh.some((line, index) => index > 0 && compare(fresh[index - 1] ?? line, line) > 0)) {
      this.lines.sort(compare);
    }
    return true;
  }
}

export function keyOfLine(line: LogLine): number {
  return line.seq;
}

function compare(a: LogLine, b: LogLine): number {
  return a.seq - b.seq;
}

export interface LogFilter {
  level?: string;
  task?: string;
  run?: string;
  q?: string;
}

export function filterLines(lines: LogLine[], { level, task, run, q }: LogFilter): LogLine[] {
  const least = level ? LEVELS.indexOf(level as Level) : 0;
  const text = q?.toLowerCase();
  if (least <= 0 && !task && !run && !text) return lines;
  return lines.filter((line) => {
    if (least > 0 && LEVELS.indexOf(line.level ?? "INFO") < least) return false;
    if (task && line.taskId !== task) return false;
    if (run && line.taskRunId !== run) return false;
    return !text || (line.message ?? "").toLowerCase().includes(text);
  });
}

export type LogItem =
  | { kind: "line"; line: LogLine }
  | { kind: "head"; key: string; taskId: string; taskRunId: string | undefined; count: number };

/** Numbers of lines are those of one execution, and a list may hold lines of many. */
export function keyOfItem(item: LogItem): string {
  return item.kind === "head" ? `head ${item.key}` : `${item.line.executionId} ${item.line.seq}`;
}

/** The lines under a heading per task run, in the order in which the runs first spoke. */
export function groupLines(lines: LogLine[], closed: ReadonlySet<string>): LogItem[] {
  const groups = new Map<string, LogLine[]>();
  for (const line of lines) {
    const key = line.taskRunId ?? line.taskId ?? "";
    const group = groups.get(key);
    if (group) group.push(line);
    else groups.set(key, [line]);
  }
  return [...groups].flatMap(([key, group]): LogItem[] => {
    const taskId = group[0]?.taskId ?? "Execution";
    const taskRunId = group[0]?.taskRunId ?? undefined;
    const head: LogItem = { kind: "head", key, taskId, taskRunId, count: group.length };
    return closed.has(key) ? [head] : [head, ...group.map((line): LogItem => ({ kind: "line", line }))];
  });
}

/** Control sequences of terminals, which would otherwise show as noise. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

export function plainMessage(line: LogLine): string {
  return lastState((line.message ?? "").replace(ANSI, ""));
}

/** A text cut at each place where `q` is found; every second part is a match. */
export function splitMatches(text: string, q: string | undefined): string[] {
  if (!q) return [text];
  const parts: string[] = [];
  const lower = text.toLowerCase();
  const wanted = q.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
