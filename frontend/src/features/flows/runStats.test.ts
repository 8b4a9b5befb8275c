import { describe, expect, it } from "vitest";
import type { ExecutionRow } from "@/api/types";
import { runStats } from "./runStats";

const row = (current: string, duration: string) => ({ state: { current, duration } }) as ExecutionRow;

describe("the numbers of a flow", () => {
  it("count what has ended, warnings as success", () => {
    const rows = [
      row("SUCCESS", "PT1S"),
      row("WARNING", "PT2S"),
      row("FAILED", "PT10S"),
      row("RUNNING", "PT99S"),
    ];
    expect(runStats(rows)).toEqual({ ended: 3, succeeded: 66, median: 2000, p95: 10_000 });
  });
  it("never round a failure away", () => {
    const rows = [...Array.from({ length: 399 }, () => row("SUCCESS", "PT1S")), row("FAILED", "PT1S")];
    expect(runStats(rows).succeeded).toBe(99);
  });
  it("say nothing about what has not run", () => {
    expect(runStats([])).toEqual({ ended: 0, succeeded: undefined, median: undefined, p95: undefined });
  });
});
