/** A pair as a form holds it: its type, its value as text, and when it is gone. */
import { isNumber, parseJson, stringifyJson } from "@/api/json";
import type { Pair, PairRow } from "@/api/types";
import { textProblem } from "@/kit/texts";

export type PairType = Pair["type"];
export const TYPES: PairType[] = ["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"];

/** `keep` leaves the expiry at the moment it has; `after` counts from the save on. */
export type Expiry = { kind: "never" } | { kind: "keep"; date: string } | { kind: "after"; ttl: string };

export interface PairDraft {
  key: string;
  /** Undefined: whatever the text looks like. */
  type: PairType | undefined;
  text: string;
  expiry: Expiry;
}

export const NEW_PAIR: PairDraft = { key: "", type: undefined, text: "", expiry: { kind: "never" } };

export function draftOf({ key = "", expirationDate }: PairRow, { type, value }: Pair): PairDraft {
  const expiry: Expiry = expirationDate ? { kind: "keep", date: expirationDate } : { kind: "never" };
  return { key, type, text: textOf(value), expiry };
}

/** A text as it is, anything else as JSON, on several lines when it is long. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const short = stringifyJson(value);
  return short.length <= 60 ? short : stringifyJson(value, 2);
}

/** What keeps the text from being of the type. */
export function pairProblem({ type, text }: PairDraft): string | undefined {
  if (type === "STRING" || type === undefined) return textProblem(text);
  if (type === "DATETIME" || type === "DATE" || type === "DURATION") return undefined;
  const value = jsonIn(text);
  if (type === "NUMBER") return isNumber(value) ? undefined : "Write a number, such as 3 or 1.50.";
  if (type === "BOOLEAN") return typeof value === "boolean" ? undefined : "Write true or false.";
  if (value === undefined) return "This is no JSON.";
  return typeof value === "object" && !isNumber(value) ? undefined : "Write a list or a map.";
}

/** The body of the request: what the server reads as a value of the type. */
export function bodyOf({ type, text }: PairDraft): string {
  if (type === "STRING") return stringifyJson(text);
  if (type !== undefined) return text.trim();
  return isBare(text) ? text : stringifyJson(text);
}

/** The duration from `now` on after which it is gone; undefined for never. */
export function ttlOf(expiry: Expiry, now: number): string | undefined {
  if (expiry.kind === "never") return undefined;
  if (expiry.kind === "after") return expiry.ttl.trim() || undefined;
  return `PT${Math.max(0.001, (Date.parse(expiry.date) - now) / 1000).toFixed(3)}S`;
}

/** Numbers, switches, lists, maps, dates and durations are themselves; any other text is a text. */
function isBare(text: string): boolean {
  return jsonIn(text) !== undefined || DATE_OR_DURATION.test(text.trim());
}

const DATE_OR_DURATION =
  /^(\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}[\d:.]*(Z|[-+]\d{2}:?\d{2})?)?|-?P(?=\d|T\d)[\dDTHMSWY.]+)$/;

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
