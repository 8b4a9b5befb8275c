import { describe, expect, it } from "vitest";
import type { LogLine } from "@/api/types";
import { filterLines, groupLines, keyOfItem, LogBook, plainMessage, splitMatches } from "./lines";

const line = (seq: number, over: Partial<LogLine> = {}) =>
  ({ seq, level: "INFO", taskId: "a", taskRunId: "r1", message: `line ${seq}`, ...over }) as LogLine;

describe("the book", () => {
  it("keeps each line once and in order, whatever is repeated after a gap", () => {
    const book = new LogBook();
    book.add([line(1), line(2)]);
    expect(book.add([line(2), line(4), line(3)])).toBe(true);
    expect(book.lines.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    expect(book.add([line(1)])).toBe(false);
  });

  it("takes a hundred thousand lines in batches without slowing down", () => {
    const book = new LogBook();
    const before = performance.now();
    for (let batch = 0; batch < 100; batch += 1) {
      book.add(Array.from({ length: 1000 }, (_, index) => line(batch * 1000 + index)));
    }
    expect(book.lines).toHaveLength(100_000);
    expect(performance.now() - before).toBeLessThan(3000);
  });
});

describe("filters", () => {
  const lines = [
    line(1),
    line(2, { level: "ERROR" }),
    line(3, { taskId: "b", taskRunId: "r2", message: "Hello" }),
  ];
  it.each([
    [{}, [1, 2, 3]],
    [{ level: "WARN" }, [2]],
    [{ task: "b" }, [3]],
    [{ run: "r1" }, [1, 2]],
    [{ q: "hello" }, [3]],
  ])("%j", (filter, expected) => {
    expect(filterLines(lines, filter).map(({ seq }) => seq)).toEqual(expected);
  });

  it("groups lines by task run and hides those of closed groups", () => {
    const items = groupLines(lines, new Set(["r1"]));
    expect(
      items.map((item) => (item.kind === "head" ? `${item.taskId} ${item.count}` : item.line.seq)),
    ).toEqual(["a 2", "b 1", 3]);
  });
});

describe("the keys of lines", () => {
  it("tell apart the first lines of two executions", () => {
    const keys = ["e1", "e2"].map((executionId) =>
      keyOfItem({ kind: "line", line: line(1, { executionId }) }),
    );
    expect(new Set(keys).size).toBe(2);
  });
});

describe("messages", () => {
  it("lose the colours of terminals", () => {
    expect(plainMessage(line(1, { message: "\u001b[31mred\u001b[0m" }))).toBe("red");
  });
  it.each([
    ["say hello, Hello", "hello", ["say ", "hello", ", ", "Hello", ""]],
    ["nothing", undefined, ["nothing"]],
    ["a", "b", ["a"]],
  ])("cut %s at %s", (text, q, parts) => {
    expect(splitMatches(text, q)).toEqual(parts);
  });
});
