import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/errors";
import type { Violation } from "@/api/types";
import { problemsIn, refusalMarks, serverMarks, syntaxMarks } from "./problems";

const TEXT = `id: x
tasks:
  - id: a
    type: Log
    mesage: hi
`;
const violation = (over: Partial<Violation>) => ({ index: 0, ...over }) as Violation;
const at = (marks: { from: number; to: number; line: number }[]) =>
  marks.map(({ from, to, line }) => [line, TEXT.slice(from, to)]);

describe("problems", () => {
  it("are marked from the column that the server names to the end of the line", () => {
    const problems = [{ message: "unknown property", path: "tasks[0].mesage", line: 5, column: 5 }];
    expect(at(serverMarks(TEXT, violation({ violations: problems })))).toEqual([[5, "mesage: hi"]]);
  });

  it("without a line are found by their path, or by what is closest to it", () => {
    expect(at(serverMarks(TEXT, violation({ constraints: "tasks[0].mesage: unknown property" })))).toEqual([
      [5, "mesage"],
    ]);
    expect(at(serverMarks(TEXT, violation({ constraints: "tasks[0].nowhere.deep: missing" })))[0]?.[0]).toBe(
      3,
    );
  });

  it("without any place are said on the first line", () => {
    expect(at(serverMarks(TEXT, violation({ constraints: "must have a namespace" })))).toEqual([
      [1, "id: x"],
    ]);
  });

  it("of a refusal to save are marked alike", () => {
    const error = new ApiError(422, "Invalid", [
      { path: "tasks[0].mesage", message: "unknown", line: 5, column: 5 },
    ]);
    expect(at(refusalMarks(TEXT, error))[0]?.[0]).toBe(5);
  });

  it("of YAML are known without the server", () => {
    const marks = syntaxMarks("id: x\ntasks: [");
    expect(marks[0]).toMatchObject({ severity: "error", line: 2 });
    expect(syntaxMarks(TEXT)).toEqual([]);
  });

  it("come one a line", () => {
    expect(problemsIn("id: must match\n\nat line 3, column 2: bad")).toEqual([
      { message: "must match", path: "id", line: undefined, column: undefined },
      { message: "at line 3, column 2: bad", path: undefined, line: 3, column: 2 },
    ]);
  });
});
