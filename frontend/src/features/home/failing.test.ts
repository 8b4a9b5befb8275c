import { describe, expect, it } from "vitest";
import type { ExecutionRow } from "@/api/types";
import { failingFlows } from "./failing";

const row = (flowId: string, current: string) =>
  ({ namespace: "company", flowId, state: { current } }) as ExecutionRow;

describe("the flows that fail most", () => {
  it("come first, and those that never fail or still run not at all", () => {
    const rows = [
      row("fine", "SUCCESS"),
      row("often", "FAILED"),
      row("often", "KILLED"),
      row("often", "SUCCESS"),
      row("always", "FAILED"),
      row("half", "FAILED"),
      row("half", "WARNING"),
      row("half", "RUNNING"),
    ];
    expect(failingFlows(rows).map(({ flowId, failed, ended }) => [flowId, failed, ended])).toEqual([
      ["often", 2, 3],
      ["always", 1, 1],
      ["half", 1, 2],
    ]);
  });
});
