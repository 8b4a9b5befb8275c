import { describe, expect, it } from "vitest";
import type { TaskRun } from "@/api/types";
import { ganttReach, ganttRows, ganttSpan, segmentsOf, ticks } from "./rows";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const T0 = Date.parse(at(0));

function run(id: string, start: number, end?: number, parentTaskRunId?: string): TaskRun {
  const histories = [
    { state: "CREATED", date: at(start) },
    { state: "RUNNING", date: at(start + 1) },
    ...(end === undefined ? [] : [{ state: "SUCCESS", date: at(end) }]),
  ];
  const current = end === undefined ? "RUNNING" : "SUCCESS";
  return { id, taskId: id, parentTaskRunId, state: { current, histories } } as unknown as TaskRun;
}

describe("the rows", () => {
  const runs = [run("b", 5, 8), run("a", 0), run("a2", 3, 4, "a"), run("a1", 1, 2, "a")];
  it("put children under their parent, each in the order of their start", () => {
    expect(ganttRows(runs, new Set()).map(({ run: { id }, depth }) => [id, depth])).toEqual([
      ["a", 0],
      ["a1", 1],
      ["a2", 1],
      ["b", 0],
    ]);
  });
  it("hide what is below a collapsed one and still count it", () => {
    const rows = ganttRows(runs, new Set(["a"]));
    expect(rows.map(({ run: { id } }) => id)).toEqual(["a", "b"]);
    expect(rows[0]?.children).toBe(2);
  });
  it("show a run whose parent is unknown at the top", () => {
    expect(ganttRows([run("x", 0, 1, "gone")], new Set())[0]?.depth).toBe(0);
  });
  it("cost little for many", () => {
    const many = Array.from({ length: 20_000 }, (_, index) =>
      run(String(index), index % 60, undefined, index === 0 ? undefined : "0"),
    );
    const before = performance.now();
    expect(ganttRows(many, new Set()).length).toBe(20_000);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe("the span", () => {
  it("reaches to now while something goes on, else to the last end", () => {
    const now = T0 + 60_000;
    expect(ganttSpan(ganttReach([run("a", 2)]), now)).toEqual({ from: T0 + 2000, to: now });
    expect(ganttSpan(ganttReach([run("a", 2, 9)]), now)).toEqual({ from: T0 + 2000, to: T0 + 9000 });
  });
});

describe("the segments", () => {
  it("tell waiting from working and colour the work by how it ended", () => {
    expect(
      segmentsOf(run("a", 0, 4), T0).map(({ from, to, ...rest }) => [
        (from - T0) / 1000,
        (to - T0) / 1000,
        rest,
      ]),
    ).toEqual([
      [0, 1, { tone: "calm", waiting: true }],
      [1, 4, { tone: "good", waiting: false }],
    ]);
  });
  it("grow with the time", () => {
    expect(segmentsOf(run("a", 0), T0 + 9000).at(-1)).toMatchObject({ to: T0 + 9000, tone: "busy" });
  });
});

describe("the ticks", () => {
  it.each([
    [3000, [0, 500, 1000, 1500, 2000, 2500, 3000]],
    [90_000, [0, 15_000, 30_000, 45_000, 60_000, 75_000, 90_000]],
  ])("of %d ms are round", (span, expected) => {
    expect(ticks(span, 6)).toEqual(expected);
  });
});
