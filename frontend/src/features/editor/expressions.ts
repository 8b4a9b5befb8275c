/** The names that an expression in a flow can use. */
import type { Completion } from "@codemirror/autocomplete";
import { isMap, isSeq, type Node, parseDocument } from "yaml";

const ALWAYS = [
  "execution.id",
  "execution.startDate",
  "execution.originalId",
  "flow.id",
  "flow.namespace",
  "flow.revision",
  "flow.tenantId",
  "taskrun.id",
  "taskrun.startDate",
  "taskrun.value",
  "taskrun.iteration",
  "taskrun.attemptsCount",
  "trigger.date",
  "labels",
  "error.message",
];
const FUNCTIONS = [
  "now",
  "render",
  "renderOnce",
  "secret",
  "kv",
  "read",
  "json",
  "yaml",
  "max",
  "min",
  "range",
  "uuid",
  "errorLogs",
  "currentEachOutput",
  "fileURI",
  "fileExists",
  "fileSize",
  "fromJson",
  "randomInt",
];
const FILTERS = [
  "date",
  "dateAdd",
  "default",
  "first",
  "last",
  "length",
  "join",
  "jq",
  "json",
  "toJson",
  "keys",
  "lower",
  "upper",
  "capitalize",
  "number",
  "numberFormat",
  "replace",
  "slugify",
  "sort",
  "split",
  "string",
  "substringAfter",
  "substringBefore",
  "timestamp",
  "trim",
  "urlencode",
  "base64encode",
  "base64decode",
  "chunk",
  "distinct",
  "flatten",
  "indent",
  "nindent",
  "yaml",
];
const NESTED = ["tasks", "then", "else", "errors", "finally", "defaults"];

export function expressionNames(text: string, isFilter: boolean): Completion[] {
  if (isFilter) return FILTERS.map((label) => ({ label, type: "function", detail: "filter" }));
  const document = parseDocument(text);
  const root = document.contents;
  const names = isMap(root)
    ? [
        ...idsIn(root.get("inputs", true)).map((id) => `inputs.${id}`),
        ...keysIn(root.get("variables", true)).map((key) => `vars.${key}`),
        ...taskIds(root).map((id) => `outputs.${id}`),
      ]
    : [];
  return [
    ...names.map((label) => ({ label, type: "variable", boost: 10 })),
    ...ALWAYS.map((label) => ({ label, type: "variable" })),
    ...FUNCTIONS.map((label) => ({ label, type: "function", apply: `${label}()` })),
  ];
}

function taskIds(node: unknown): string[] {
  if (!isMap(node)) return [];
  return NESTED.flatMap((name) => {
    const list = node.get(name, true);
    if (!isSeq(list)) return [];
    return list.items.flatMap((item) => [...idsIn({ items: [item] }), ...taskIds(item)]);
  });
}

function idsIn(list: unknown): string[] {
  const items = (list as { items?: Node[] } | undefined)?.items ?? [];
  return items.flatMap((item) =>
    isMap(item) && typeof item.get("id") === "string" ? [String(item.get("id"))] : [],
  );
}

function keysIn(node: unknown): string[] {
  return isMap(node) ? node.items.map(({ key }) => String(key)) : [];
}
