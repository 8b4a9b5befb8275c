import { describe, expect, it } from "vitest";
import type { ListedTaskRun } from "@/api/types";
import { nameOf, placesIn, rowOf, slotsOf, TOP } from "./tree";

const run = (id: string, children = 0) => ({ id, children }) as ListedTaskRun;
const page = (parent: string, number: number, ...runs: ListedTaskRun[]) =>
  [nameOf({ parent, page: number }), runs] as const;
const hundred = Array.from({ length: 100 }, (_, index) => run(`c${index}`, index === 3 ? 2 : 0));

describe("the rows of a chart of which some pages are known", () => {
  const known = new Map([page(TOP, 0, run("a", 20_000), run("b", 5)), page("a", 0, ...hundred)]);
  const open = (...ids: string[]) => slotsOf(known, 2, ({ id }) => ids.includes(id));

  it("are as many as there will be", () => {
    expect(open()).toHaveLength(2);
    expect(open("a")).toHaveLength(20_002);
    expect(open("a", "c3", "b")).toHaveLength(20_002 + 2 + 5);
  });
  it("know what has come, and which page the others stand in", () => {
    const slots = open("a", "c3");
    expect(slots.slice(0, 7).map(({ run }) => run?.id)).toEqual([
      "a",
      "c0",
      "c1",
      "c2",
      "c3",
      undefined,
      undefined,
    ]);
    expect(slots[5]).toMatchObject({ place: { parent: "c3", page: 0 }, depth: 2 });
    expect(placesIn(slots, 100, 110)).toEqual([
      { parent: "a", page: 0 },
      { parent: "a", page: 1 },
    ]);
    expect(slots.at(-1)?.run?.id).toBe("b");
  });
  it("tell where the n-th one below another stands", () => {
    const slots = open("a", "c3");
    expect(rowOf(slots, TOP, 1)).toBe(slots.length - 1);
    expect(rowOf(slots, "a", 4)).toBe(7);
    expect(rowOf(slots, "a", 19_999)).toBe(slots.length - 2);
    expect(rowOf(slots, "b", 0)).toBe(-1);
  });
});
