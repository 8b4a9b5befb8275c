/** Where in a YAML text the cursor is, read from indentation alone, so that half-written text is understood too. */

export interface Place {
  /** Keys and list positions from the top to the mapping that holds the cursor: `["tasks", "[]"]`. */
  path: Step[];
  /** What is being written: a key, or the value of one. */
  kind: "key" | "value";
  key: string | undefined;
  /** The text before the cursor that completion replaces. */
  typed: string;
  /** Keys that the mapping already has. */
  siblings: Map<string, string>;
  /** The column at which keys of this mapping stand. */
  column: number;
}

export interface Step {
  key: string;
  /** The `type` that the mapping reached by this step declares. */
  type: string | undefined;
}

export const ITEM = "[]";

interface Line {
  /** Columns of the dashes before the content. */
  dashes: number[];
  column: number;
  content: string;
  blank: boolean;
}

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#'"{[&*!|>-][^:#]*?))\s*:(?:\s+(.*)|)$/;

export function placeAt(text: string, offset: number): Place | undefined {
  const before = text.slice(0, offset);
  const lines = text.split("\n").map(readLine);
  const index = before.split("\n").length - 1;
  const current = before.slice(before.lastIndexOf("\n") + 1);
  const written = readLine(current);
  const line = lines[index];
  if (!line || written.content.startsWith("#")) return undefined;
  const column = written.blank ? current.length : written.column;
  const parents = ancestors(lines, index, column, written.dashes);
  if (!parents) return undefined;
  const key = KEY.exec(written.content.endsWith(":") ? `${written.content} ` : written.content);
  const value = valueTyped(current);
  return {
    path: parents,
    kind: value === undefined ? "key" : "value",
    key: value === undefined ? undefined : keyOf(key),
    typed: value ?? written.content,
    siblings: siblingsOf(lines, index, column),
    column,
  };
}

/** The path to the mapping whose keys stand at `column`; undefined inside a block of text. */
function ancestors(lines: Line[], index: number, column: number, dashes: number[]): Step[] | undefined {
  const path: Step[] = [];
  let at = index;
  let col = column;
  let ownDashes = dashes;
  for (;;) {
    const start = startOfMapping(lines, at, col, ownDashes);
    const type = siblingsOf(lines, at, col).get("type");
    if (start.dash !== undefined) {
      const parent = parentOfList(lines, start.line, start.dash);
      path.unshift({ key: ITEM, type });
      if (!parent) return path;
      path.unshift({ key: parent.key, type: undefined });
      at = parent.line;
      col = parent.column;
    } else {
      const parent = parentOfMapping(lines, at, col);
      if (!parent) return path;
      if (parent.isText) return undefined;
      path.unshift({ key: parent.key, type });
      at = parent.line;
      col = parent.column;
    }
    ownDashes = lines[at]?.dashes ?? [];
  }
}

/** The line on which a mapping begins, and the dash before it when it is an item of a list. */
function startOfMapping(lines: Line[], at: number, column: number, dashes: number[]) {
  const own = dashes[dashes.length - 1];
  if (own !== undefined) return { line: at, dash: own };
  for (let index = at - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (!line || line.blank) continue;
    if (line.column < column && !(line.dashes.length > 0)) break;
    if (line.column === column && line.dashes.length > 0) {
      return { line: index, dash: line.dashes[line.dashes.length - 1] };
    }
    if (line.column < column) break;
  }
  return { line: at, dash: undefined };
}

function parentOfList(lines: Line[], from: number, dash: number) {
  for (let index = from - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (!line || line.blank || line.column > dash) continue;
    if (line.dashes.includes(dash)) continue;
    const key = keyOf(KEY.exec(line.content));
    if (key !== undefined) return { key, line: index, column: line.column };
  }
  return undefined;
}

function parentOfMapping(lines: Line[], from: number, column: number) {
  for (let index = from - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (!line || line.blank || line.column >= column) continue;
    const match = KEY.exec(line.content);
    const key = keyOf(match);
    if (key === undefined) continue;
    return { key, line: index, column: line.column, isText: /^[|>]/.test(match?.[4] ?? "") };
  }
  return undefined;
}

function siblingsOf(lines: Line[], at: number, column: number): Map<string, string> {
  const found = new Map<string, string>();
  const read = (line: Line) => {
    const match = KEY.exec(line.content);
    const key = keyOf(match);
    if (line.column === column && key !== undefined) found.set(key, unquoted(match?.[4] ?? ""));
  };
  const own = lines[at];
  if (own && !own.blank) read(own);
  if (!own?.dashes.length || own.column !== column) {
    for (let index = at - 1; index >= 0; index -= 1) {
      const line = lines[index];
      if (!line || line.blank) continue;
      if (line.column < column) break;
      read(line);
      if (line.column === column && line.dashes.length > 0) break;
    }
  }
  for (let index = at + 1; index < lines.length; index += 1) {
    const line = lines[index];
    if (!line || line.blank) continue;
    if (line.column < column || (line.column === column && line.dashes.length > 0)) break;
    read(line);
  }
  return found;
}

function readLine(text: string): Line {
  let rest = text;
  let column = 0;
  const dashes: number[] = [];
  for (;;) {
    const spaces = /^ */.exec(rest)?.[0].length ?? 0;
    column += spaces;
    rest = rest.slice(spaces);
    if (!/^-(\s|$)/.test(rest)) break;
    dashes.push(column);
    column += 1;
    rest = rest.slice(1);
  }
  const content = rest.trimEnd();
  return { dashes, column, content, blank: content === "" && dashes.length === 0 };
}

/** What stands after `key: ` before the cursor; undefined when no value has begun. */
function valueTyped(text: string): string | undefined {
  const match = /^[\s-]*(?:"[^"]*"|'[^']*'|[^\s:#'"][^:#]*):\s+(.*)$/.exec(text);
  return match?.[1];
}

function keyOf(match: RegExpExecArray | null): string | undefined {
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

function unquoted(text: string): string {
  return text.replace(/\s+#.*$/, "").replace(/^(["'])(.*)\1$/, "$2");
}
