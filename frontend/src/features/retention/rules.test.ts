import { describe, expect, it } from "vitest";
import type { RetentionRun } from "@/api/types";
import { countsText, progressOf } from "./Runs";
import { ageOf, daysOf, labelsOf, labelsText, rulesText } from "./rules";

describe("a rule in words", () => {
  it.each([
    ["EXECUTIONS", [], "kept for ever"],
    ["EXECUTIONS", [{ olderThan: "P1D" }], "older than 1 day"],
    [
      "EXECUTIONS",
      [{ olderThan: "P7D", states: ["FAILED"], labels: { env: "test" } }, { olderThan: "P90D" }],
      "older than 7 days, FAILED, env:test; or older than 90 days",
    ],
    ["LOGS", [{ olderThan: "P1M", levels: ["DEBUG"] }], "older than P1M, DEBUG"],
    ["KV", [{ olderThan: "P7D" }], "expired 7 days ago"],
    ["KV", [{ olderThan: "P7D", expiredOnly: false }], "older than 7 days"],
    ["NAMESPACE_FILES", [{ olderThan: "P7D", keepVersions: 3 }], "older than 7 days, but the newest 3"],
  ] as const)("%s %j", (kind, rules, text) => {
    expect(rulesText(kind, structuredClone(rules) as never)).toBe(text);
  });

  it("keeps an age that is written in other units", () => {
    expect(daysOf({ olderThan: "P2W" })).toBeUndefined();
    expect(daysOf({ olderThan: ageOf(30) })).toBe(30);
  });
});

describe("labels as text", () => {
  it("are read as they are written", () => {
    expect(labelsOf("env:test, url: http://a , unfinished")).toEqual({ env: "test", url: "http://a" });
    expect(labelsText({ env: "test", team: "a" })).toBe("env:test, team:a");
  });
});

describe("how far a run has come", () => {
  const run: RetentionRun = {
    id: "a",
    namespace: "",
    state: "RUNNING",
    startedBy: "olga",
    startDate: "2026-01-01T00:00:00Z",
    step: 1,
    steps: 4,
    kind: "LOGS",
    counts: { EXECUTIONS: 10, LOGS: 50 } as RetentionRun["counts"],
    expected: { EXECUTIONS: 10, LOGS: 100 } as RetentionRun["expected"],
  };

  it("counts steps, and the part of this one", () => {
    expect(progressOf(run)).toBe(37.5);
    expect(progressOf({ ...run, expected: {} as RetentionRun["expected"] })).toBe(25);
  });

  it("says what has gone", () => {
    expect(countsText(run)).toBe("10 executions, 50 logs");
    expect(countsText({ ...run, counts: {} as RetentionRun["counts"] })).toBe("nothing");
  });
});
