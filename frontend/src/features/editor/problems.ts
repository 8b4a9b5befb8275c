/** What is wrong with a flow's text, at the place where it is wrong. */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { ApiError } from "@/api/errors";
import type { Problem, Violation } from "@/api/types";

export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  message: string;
  line: number;
}

/** Errors of the YAML itself, known at once and without the server. */
export function syntaxMarks(text: string): Mark[] {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  return document.errors.map(({ message, pos: [from, to] }) => ({
    from: Math.min(from, text.length),
    to: Math.min(Math.max(to, from + 1), text.length),
    severity: "error",
    message,
    line: counter.linePos(from).line,
  }));
}

export function serverMarks(text: string, violation: Violation): Mark[] {
  const problems = violation.violations ?? (violation.constraints ? problemsIn(violation.constraints) : []);
  return [
    ...problems.map((problem) => mark(text, problem, "error")),
    ...(violation.deprecationPaths ?? []).map((path) =>
      mark(text, { path, message: `${path} is deprecated` }, "warning"),
    ),
    ...(violation.warnings ?? []).map((message) => mark(text, problemIn(message), "warning")),
  ];
}

/** The marks of a refusal to save. */
export function refusalMarks(text: string, error: unknown): Mark[] {
  if (!(error instanceof ApiError)) return [];
  const problems: Problem[] = error.fields.length > 0 ? error.fields : problemsIn(error.message);
  return problems.map((problem) => mark(text, problem, "error"));
}

/** One problem a line, each as `path: sentence`. */
export function problemsIn(constraints: string): Problem[] {
  return constraints
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(problemIn);
}

function problemIn(text: string): Problem {
  const place = /\bline (\d+)(?:,? column (\d+))?/i.exec(text);
  const path = /^([\w-]+(?:\[\d+\])?(?:\.[\w-]+(?:\[\d+\])?)*): (.*)$/s.exec(text);
  return {
    message: path?.[2] ?? text,
    path: path?.[1],
    line: place ? Number(place[1]) : undefined,
    column: place?.[2] ? Number(place[2]) : undefined,
  };
}

function mark(text: string, problem: Problem, severity: Mark["severity"]): Mark {
  const message = problem.path ? `${problem.path}: ${problem.message}` : problem.message;
  const range = problem.line
    ? rangeOfLine(text, problem.line, problem.column ?? undefined)
    : rangeOfPath(text, problem.path);
  return { ...range, severity, message, line: text.slice(0, range.from).split("\n").length };
}

function rangeOfLine(text: string, line: number, column: number | undefined): { from: number; to: number } {
  const lines = text.split("\n");
  const index = Math.min(line, lines.length) - 1;
  const start = lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0);
  const content = lines[index] ?? "";
  const indent = content.length - content.trimStart().replace(/^- +/, "").length;
  const from = start + Math.min(column ? column - 1 : indent, Math.max(0, content.length - 1));
  return { from: Math.max(0, from), to: start + content.trimEnd().length || from };
}

/** The place of `tasks[0].message`, or of the closest thing around it that exists. */
function rangeOfPath(text: string, path: string | undefined): { from: number; to: number } {
  const firstLine = { from: 0, to: Math.max(0, text.indexOf("\n")) };
  if (!path) return firstLine;
  const document = parseDocument(text);
  let node = document.contents as Node | null;
  let range: { from: number; to: number } | undefined;
  for (const step of path.match(/[\w-]+/g) ?? []) {
    const next = inside(node, step);
    if (!next) break;
    node = next.value;
    range = next.range;
  }
  return range ?? firstLine;
}

function inside(
  node: Node | null,
  step: string,
): { value: Node | null; range: { from: number; to: number } } | undefined {
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
    const [from, to] = (pair?.key as Node | undefined)?.range ?? [];
    if (!pair || from === undefined || to === undefined) return undefined;
    return { value: pair.value as Node | null, range: { from, to } };
  }
  if (isSeq(node)) {
    const byIndex = node.items[Number(step)] as Node | undefined;
    const item =
      byIndex ?? (node.items.find((one) => isMap(one) && one.get("id") === step) as Node | undefined);
    const [from, to] = item?.range ?? [];
    if (!item || from === undefined || to === undefined) return undefined;
    return { value: item, range: { from, to: Math.min(to, from + 1) } };
  }
  return undefined;
}
