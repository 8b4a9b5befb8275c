/** What a person has filled in, and how it travels: texts as they are, everything else as JSON, files as files. */
import type { FlowInput, ValidatedInputs } from "@/api/types";

export type InputValue = string | number | boolean | string[] | File | undefined;
export type InputValues = Record<string, InputValue>;

/** A check of one input by the server: its value as rendered, and what is wrong with it. */
export type Checked = ValidatedInputs["inputs"][number];

export function toForm(inputs: FlowInput[], values: InputValues): FormData {
  const form = new FormData();
  for (const { id } of inputs) {
    const value = values[id];
    if (value === undefined || value === "") continue;
    if (value instanceof File) form.append(id, value, value.name);
    else form.append(id, typeof value === "string" ? value : JSON.stringify(value));
  }
  return form;
}

/** What the fields begin with: the defaults that are plain values; an expression is left to the server. */
export function presets(inputs: FlowInput[]): InputValues {
  return Object.fromEntries(inputs.map((input) => [input.id, presetOf(input)]));
}

function presetOf({ type, defaults, prefill, itemType }: FlowInput): InputValue {
  const value: unknown = defaults ?? prefill;
  if (value === undefined || value === null || JSON.stringify(value).includes("{{")) return undefined;
  switch (type as string) {
    case "INT":
    case "FLOAT":
      return Number.isFinite(Number(value)) ? Number(value) : undefined;
    case "BOOL":
    case "BOOLEAN":
      return String(value).toLowerCase() === "true";
    case "ARRAY":
    case "MULTISELECT":
      return typedItems(asList(value), itemType) as string[];
    case "FILE":
    case "SECRET":
      return undefined;
    default:
      return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  }
}

/** Form data with no part has no valid encoding everywhere, so nothing is sent instead. */
export function formOrNothing(form: FormData): FormData | undefined {
  return form.keys().next().done ? undefined : form;
}

/** The problems to show beside an input; before anything was typed, "missing" is no news. */
export function problemsOf(
  checked: Checked | undefined,
  value: InputValue,
  touched: boolean,
): string | undefined {
  if (!checked || value instanceof File) return undefined;
  if (!touched && value === undefined) return undefined;
  return checked.errors.map(({ message }) => message).join("; ") || undefined;
}

/** An input that must be given and is not. */
export function isMissing(input: FlowInput, value: InputValue, checked: Checked | undefined): boolean {
  const given = value !== undefined && value !== "";
  return input.required !== false && !given && checked?.value === undefined && input.defaults === undefined;
}

export function defaultText(input: FlowInput, checked: Checked | undefined): string | undefined {
  const value = checked?.isDefault ? checked.value : (input.defaults as unknown);
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A default that is a list, whether it came as one or as its JSON text. */
export function asList(value: unknown): string[] {
  if (Array.isArray(value))
    return value.map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
  if (typeof value !== "string") return [];
  try {
    const parsed: unknown = JSON.parse(value);
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
      return JSON.parse(item) as unknown;
    } catch {
      return item;
    }
  });
}
