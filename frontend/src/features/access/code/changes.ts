/** What a step changes, as lines that go and lines that come. */
import type { AccessStep } from "@/api/types";

export interface Line {
  sign: "-" | "+";
  text: string;
}

/** Property by property; lists and maps item by item, so that one right more is one line. */
export function changesOf({ before, after }: AccessStep): Line[] {
  const gone = linesOf(before);
  const come = linesOf(after);
  return [
    ...gone.filter((text) => !come.includes(text)).map((text): Line => ({ sign: "-", text })),
    ...come.filter((text) => !gone.includes(text)).map((text): Line => ({ sign: "+", text })),
  ];
}

function linesOf(value: Record<string, unknown> | undefined): string[] {
  return Object.entries(value ?? {}).flatMap(([name, each]) => spelled(name, each));
}

function spelled(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => spelled(name, each));
  if (value !== null && typeof value === "object")
    return Object.entries(value).flatMap(([inner, each]) => spelled(`${name}.${inner}`, each));
  return value === "" || value === undefined || value === null ? [] : [`${name}: ${String(value)}`];
}
