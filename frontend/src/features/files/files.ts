/** Which values are files of the internal storage, and how their previews are read. */
import { Numeral } from "@/api/json";

const STORAGE = /^(kestra|orrery):\/\/\//;

export function isFile(value: unknown): value is string {
  return typeof value === "string" && STORAGE.test(value);
}

export function fileName(uri: string): string {
  return decodeURIComponent(uri.split("/").pop() ?? uri);
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** The cells of a CSV text, quotes understood. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (quoted) {
      if (char === '"' && text[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"') quoted = true;
    else if (char === ",") {
      row.push(cell);
      cell = "";
    } else if (char === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else if (char !== "\r") cell += char;
  }
  if (cell !== "" || row.length > 0) rows.push([...row, cell]);
  return rows;
}

export interface Leaf {
  path: string;
  value: unknown;
}

/** The values of a map, maps within it opened: `vars.orders`, `outputFiles['books.csv']`. */
export function leavesOf(value: unknown, path = ""): Leaf[] {
  if (!isMap(value)) return [{ path, value }];
  const entries = Object.entries(value);
  if (entries.length === 0) return path ? [{ path, value }] : [];
  return entries.flatMap(([key, inner]) => leavesOf(inner, joined(path, key)));
}

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Numeral);
}

function joined(path: string, key: string): string {
  const plain = /^[A-Za-z_]\w*$/.test(key);
  if (!plain) return `${path}['${key}']`;
  return path ? `${path}.${key}` : key;
}
