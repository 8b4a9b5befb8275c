import { describe, expect, it } from "vitest";
import type { LogLine } from "@/api/types";
import { foldProgress, lastState } from "./progress";

const line = (taskRunId: string, message: string) => ({ executionId: "e", taskRunId, message }) as LogLine;
const texts = (lines: LogLine[]) => lines.map(({ message }) => message);

describe("a progress bar", () => {
  const lines = [
    line("a", "begin"),
    line("a", "10 %\r"),
    line("b", "5 %\r"),
    line("a", "20 %\r"),
    line("b", "done"),
    line("a", "30 %\r"),
  ];

  it("shows its last state, each task run its own", () => {
    expect(texts(foldProgress(lines))).toEqual(["begin", "done", "30 %\r"]);
  });

  it("does so too where the newest line stands first", () => {
    expect(texts(foldProgress([...lines].reverse(), true))).toEqual(["30 %\r", "done", "begin"]);
  });

  it("leaves other lines as they are, the same list", () => {
    const plain = [line("a", "one"), line("a", "two")];
    expect(foldProgress(plain)).toBe(plain);
  });

  it("of many states costs little", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => line("a", `${index}\r`));
    const before = performance.now();
    expect(foldProgress(many)).toHaveLength(1);
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it.each([
    ["step 1\rstep 2\rstep 3\r", "step 3"],
    ["step 1\rstep 2", "step 2"],
    ["plain", "plain"],
    ["\r", ""],
  ])("within one text %j leaves %j", (text, left) => {
    expect(lastState(text)).toBe(left);
  });
});
