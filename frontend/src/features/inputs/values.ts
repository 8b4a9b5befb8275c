/** What a person has filled in, and how it travels: texts and numbers as they are written, lists as JSON, files as files. */
import { isNumber, parseJson, stringifyJson } from "@/api/json";
import { multipart, type Part } from "@/api/multipart";
import type { FlowInput, ValidatedInputs } from "@/api/types";
import { isFile, isMap } from "@/features/files/files";
import { textProblem } from "@/kit/texts";

/** A number is kept in its digits, an item of a list in its text. */
export type InputValue = string | boolean | string[] | File | undefined;
export type InputValues = Record<string, InputValue>;

/** A check of one input by the server: its value as rendered, and what is wrong with it. */
export type Checked = ValidatedInputs["inputs"][number];

/** Every input to fill in, those of a form by their full ids, right after the form that is their heading. */
export function askedInputs(inputs: FlowInput[]): FlowInput[] {
  return inputs.flatMap((input) => {
    const inside = isForm(input) ? ((input as { inputs?: FlowInput[] }).inputs ?? []) : [];
    const below = inside.map((each) => ({
      ...each,
      displayName: each.displayName ?? each.id,
      id: `${input.id}.${each.id}`,
    }));
    return [input, ...askedInputs(below)];
  });
}

/** Whether an input has no value of its own: others stand under its id. */
export function isForm({ type }: FlowInput): boolean {
  return ["FORM", "REUSABLE_INPUTS"].includes(type as string);
}

export function toParts(inputs: FlowInput[], values: InputValues): Part[] {
  return inputs.flatMap(({ id, itemType }): Part[] => {
    const value = values[id];
    if (value === undefined || value === "") return [];
    if (value instanceof File || typeof value === "string") return [[id, value]];
    return [[id, stringifyJson(Array.isArray(value) ? typedItems(value, itemType) : value)]];
  });
}

/** A form with no part has no valid encoding everywhere, so nothing is sent instead. */
export function formOrNothing(parts: Part[]): Blob | undefined {
  return parts.length > 0 ? multipart(parts) : undefined;
}

/** What the fields begin with: the defaults that are plain values; an expression is left to the server. */
export function presets(inputs: FlowInput[]): InputValues {
  return Object.fromEntries(inputs.map((input) => [input.id, presetOf(input)]));
}

function presetOf({ type, defaults, prefill }: FlowInput): InputValue {
  return valueFor(type as string, defaults ?? prefill);
}

/** A value that is known as what the field of its type holds; an expression is none. */
export function valueFor(type: string, value: unknown): InputValue {
  if (value === undefined || value === null || stringifyJson(value).includes("{{")) return undefined;
  switch (type) {
    case "INT":
    case "FLOAT":
      return isNumber(value) || (typeof value === "string" && isNumeral(value))
        ? String(value).trim()
        : undefined;
    case "BOOL":
    case "BOOLEAN":
      return String(value).toLowerCase() === "true";
    case "ARRAY":
    case "MULTISELECT":
      return asList(value);
    case "FILE":
    case "SECRET":
      return undefined;
    default:
      return typeof value === "string" ? value : stringifyJson(value, 2);
  }
}

/** The values that an execution had, for the fields of these inputs; files stay the addresses they are. */
export function valuesOf(inputs: FlowInput[], had: Record<string, unknown> = {}): InputValues {
  const values = inputs.map(({ id, type }): [string, InputValue] => {
    const value = id.split(".").reduce<unknown>((map, key) => (isMap(map) ? map[key] : undefined), had);
    return [id, isFile(value) ? value : valueFor(type as string, value)];
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function isNumeral(text: string): boolean {
  return /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/.test(text);
}

/** The problems to show beside an input; before anything was typed, "missing" is no news. */
export function problemsOf(
  checked: Checked | undefined,
  value: InputValue,
  touched: boolean,
): string | undefined {
  const own = textProblem(value);
  if (own) return own;
  if (!checked || value instanceof File) return undefined;
  if (!touched && value === undefined) return undefined;
  return checked.errors.map(({ message }) => message).join("; ") || undefined;
}

/** An input that the server leaves out, and why if it could not tell whether to ask for it. */
export function leftOut(checked: Checked | undefined): { why: string | undefined } | undefined {
  if (checked?.enabled !== false) return undefined;
  return { why: checked.errors.map(({ message }) => message).join("; ") || undefined };
}

/** An input that must be given and is not. */
export function isMissing(input: FlowInput, value: InputValue, checked: Checked | undefined): boolean {
  if (leftOut(checked) || isForm(input)) return false;
  const given = value !== undefined && value !== "";
  return input.required !== false && !given && checked?.value === undefined && input.defaults === undefined;
}

export function defaultText(input: FlowInput, checked: Checked | undefined): string | undefined {
  const value = checked?.isDefault ? checked.value : (input.defaults as unknown);
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : stringifyJson(value);
}

/** A default that is a list, whether it came as one or as its JSON text. */
export function asList(value: unknown): string[] {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === "string" ? item : stringifyJson(item)));
  if (typeof value !== "string") return [];
  try {
    const parsed = parseJson(value);
    return Array.isArray(parsed) ? asList(parsed) : [];
  } catch {
    return [];
  }
}

/** Items of a list in the type that the input declares: `["1"]` of INT travels as `[1]`. */
export function typedItems(items: string[], itemType: string | undefined): unknown[] {
  if (!itemType || !["INT", "FLOAT", "BOOL", "BOOLEAN", "JSON"].includes(itemType)) return items;
  return items.map((item) => {
    try {
      return parseJson(item);
    } catch {
      return item;
    }
  });
}
