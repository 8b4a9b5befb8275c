/** The rows of a chart of very many task runs, of which only some pages are known. */
import type { ListedTaskRun } from "@/api/types";
import { RUNS_AT_ONCE } from "@/features/executions/taskRuns";

/** A page of what stands directly below a task run, or at the top. */
export interface Place {
  parent: string;
  page: number;
}

export const TOP = "";

export interface Slot {
  place: Place;
  depth: number;
  /** Undefined while its page is not known. */
  run: ListedTaskRun | undefined;
}

export type KnownPages = ReadonlyMap<string, readonly ListedTaskRun[]>;

export function nameOf({ parent, page }: Place): string {
  return `${page} ${parent}`;
}

/** One slot for each row there is, in the order in which they are shown. */
export function slotsOf(
  known: KnownPages,
  top: number,
  isOpen: (run: ListedTaskRun, depth: number) => boolean,
): Slot[] {
  const slots: Slot[] = [];
  const add = (parent: string, count: number, depth: number) => {
    for (let index = 0; index < count; index += 1) {
      const place = { parent, page: Math.floor(index / RUNS_AT_ONCE) };
      const run = known.get(nameOf(place))?.[index % RUNS_AT_ONCE];
      slots.push({ place, depth, run });
      if (run && run.children > 0 && isOpen(run, depth)) add(run.id, run.children, depth + 1);
    }
  };
  add(TOP, top, 0);
  return slots;
}

/** The row of the n-th task run below a parent. */
export function rowOf(slots: Slot[], parent: string, index: number): number {
  let left = index;
  return slots.findIndex(({ place }) => {
    if (place.parent !== parent) return false;
    left -= 1;
    return left < 0;
  });
}

/** The pages that the rows in view stand in, each once. */
export function placesIn(slots: Slot[], first: number, last: number): Place[] {
  const places = new Map<string, Place>();
  for (const { place } of slots.slice(first, last + 1)) places.set(nameOf(place), place);
  return [...places.values()];
}
