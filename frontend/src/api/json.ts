/** JSON without loss: a number that JavaScript would round or rewrite keeps its digits. */

/** What no text from outside can begin with, for it is drawn anew for each page. */
const MARK = `\u0001${[...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("")}:`;

/** A number as it was written, such as 7615917337495251231 or 1.50; it counts with the nearest double. */
export class Numeral {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits;
  }

  valueOf(): number {
    return Number(this.digits);
  }

  toJSON(): string {
    return MARK + this.digits;
  }
}

/** Throws a SyntaxError for what is no JSON. */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!RISKY.test(text)) return value;
  return JSON.parse(text.replace(TOKEN, marked), (_key, item) =>
    typeof item === "string" && item.startsWith(MARK) ? new Numeral(item.slice(MARK.length)) : item,
  );
}

/** As `JSON.stringify`, with numerals in their own digits. */
export function stringifyJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent) ?? "null";
  return text.includes(WRITTEN_MARK) ? text.replace(MARKED, "$1") : text;
}

export function isNumber(value: unknown): value is number | Numeral {
  return typeof value === "number" || value instanceof Numeral;
}

/** The body of an answer that is JSON. */
export async function jsonOf<T>(response: Response): Promise<T> {
  return parseJson(await response.text()) as T;
}

/** Finds no number inside of a text by mistake that would matter: a needless second reading changes nothing. */
const RISKY =
  /(?:^|[[,:\s])-?(?:\d{16}|\d[\d.]{16}|\d+(?:\.\d+)?[eE][+-]?\d|\d+\.\d*0(?![\dZ:+-]))|-0(?![.\d])/;
/** A text, which is passed over, or a number. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const WRITTEN_MARK = JSON.stringify(MARK).slice(1, -1);
const MARKED = new RegExp(`"${WRITTEN_MARK.replaceAll("\\", "\\\\")}([-+.\\deE]+)"`, "g");

function marked(token: string): string {
  if (token.startsWith('"') || isKept(token)) return token;
  return `"${WRITTEN_MARK}${token}"`;
}

function isKept(digits: string): boolean {
  return JSON.stringify(Number(digits)) === digits;
}
