import { describe, expect, it } from "vitest";
import { changed, countOf, heldOf, pairsOfColumn, pairsOfRow, rowsOf, same, wordOf } from "./matrix";

const CATALOGUE = { FLOW: ["VIEW", "LIST", "EXPORT"], EXECUTION: ["VIEW", "KILL"], NAMESPACE_FILE: ["VIEW"] };

describe("the matrix", () => {
  it("gives and takes single rights, rows and columns, and leaves out what is empty", () => {
    const flow = changed({}, [["FLOW", "VIEW"]], true);
    expect(flow).toEqual({ FLOW: ["VIEW"] });
    expect(changed(flow, [["FLOW", "VIEW"]], false)).toEqual({});
    const row = changed(flow, pairsOfRow(CATALOGUE, "FLOW"), true);
    expect(row).toEqual({ FLOW: ["VIEW", "LIST", "EXPORT"] });
    const column = changed({}, pairsOfColumn(CATALOGUE, rowsOf(CATALOGUE, ""), "VIEW"), true);
    expect(column).toEqual({ FLOW: ["VIEW"], EXECUTION: ["VIEW"], NAMESPACE_FILE: ["VIEW"] });
    expect(heldOf(column, pairsOfRow(CATALOGUE, "FLOW"))).toBe(1);
    expect(countOf(row)).toBe(3);
  });

  it("keeps what the catalogue does not name", () => {
    expect(changed({ OLD: ["VIEW"] }, [["FLOW", "VIEW"]], true)).toEqual({ OLD: ["VIEW"], FLOW: ["VIEW"] });
  });

  it.each([
    ["file", ["NAMESPACE_FILE"]],
    ["kill", ["EXECUTION"]],
    ["namespace file", ["NAMESPACE_FILE"]],
    ["", ["FLOW", "EXECUTION", "NAMESPACE_FILE"]],
    ["x-ray", []],
  ])("for %j shows %j", (text, found) => {
    expect(rowsOf(CATALOGUE, text).map(({ resource }) => resource)).toEqual(found);
  });

  it("is the same in any order", () => {
    expect(same({ A: ["X", "Y"], B: ["X"] }, { B: ["X"], A: ["Y", "X"] })).toBe(true);
    expect(same({ A: ["X"] }, { A: ["Y"] })).toBe(false);
  });

  it("is read in plain words", () => {
    expect(["NAMESPACE_FILE", "KVSTORE"].map(wordOf)).toEqual(["Namespace file", "Key-value store"]);
  });
});
