import { describe, expect, it } from "vitest";
import type { Execution, ExecutionRow, TaskRun } from "@/api/types";
import { applyChanges, matches, mergeRows } from "./live";

const state = (current: string) =>
  ({ current, startDate: new Date(2000).toISOString(), histories: [] }) as unknown as Execution["state"];
const row = (id: string, over: Partial<ExecutionRow> = {}) =>
  ({ id, namespace: "company.sales", flowId: "orders", state: state("RUNNING"), ...over }) as ExecutionRow;
const run = (id: string, current: string) => ({ id, taskId: "t", state: state(current) }) as TaskRun;
const pages = (...ids: string[]) => ({
  pages: [{ results: ids.map((id) => row(id)), total: ids.length }],
  pageParams: [1],
});

describe("changes of one execution", () => {
  const execution = {
    id: "e",
    state: state("RUNNING"),
    taskRunList: [run("a", "RUNNING")],
  } as unknown as Execution;

  it("change known task runs in place, add new ones after them, and keep what they do not name", () => {
    const next = applyChanges(execution, [
      { taskRuns: [run("b", "CREATED")] },
      { execution: { state: state("SUCCESS") }, taskRuns: [run("a", "SUCCESS")] },
    ]);
    expect(next.taskRunList?.map(({ id, state: { current } }) => [id, current])).toEqual([
      ["a", "SUCCESS"],
      ["b", "CREATED"],
    ]);
    expect(next.state.current).toBe("SUCCESS");
    expect(next.id).toBe("e");
  });

  it("leave the task runs of one that has very many to the pages", () => {
    const { taskRunList: _, ...many } = execution;
    const next = applyChanges(many as Execution, [
      { execution: { state: state("PAUSED") }, taskRuns: [run("b", "CREATED")], deleted: ["a"] },
    ]);
    expect(next).not.toHaveProperty("taskRunList");
    expect(next.state.current).toBe("PAUSED");
  });
});

describe("changes of the list", () => {
  it("put a new execution first and count it", () => {
    const next = mergeRows(pages("1"), [row("2")], {});
    expect(next.pages[0]?.results.map(({ id }) => id)).toEqual(["2", "1"]);
    expect(next.pages[0]?.total).toBe(2);
  });

  it("take out a row that no longer matches the filter", () => {
    const next = mergeRows(pages("1", "2"), [row("2", { state: state("SUCCESS") })], { state: "RUNNING" });
    expect(next.pages[0]?.results.map(({ id }) => id)).toEqual(["1"]);
    expect(next.pages[0]?.total).toBe(1);
  });

  it("add nothing new to a list that is sorted otherwise", () => {
    expect(mergeRows(pages("1"), [row("2")], { sort: "id:asc" }).pages[0]?.results).toHaveLength(1);
  });

  it.each([
    [{ namespace: "company" }, true],
    [{ namespace: "comp" }, false],
    [{ flowId: "other" }, false],
    [{ q: "ord" }, true],
    [{ state: "FAILED,RUNNING" }, true],
    [{ labels: "team:sales" }, false],
    [{ from: "1000" }, true],
    [{ from: "3000" }, false],
    [{ to: "2000" }, false],
  ])("match %j: %s", (search, expected) => {
    expect(matches(row("1"), search)).toBe(expected);
  });
});
