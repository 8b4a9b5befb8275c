import { describe, expect, it } from "vitest";
import { fileName, isFile, leavesOf, parseCsv, sizeText } from "./files";

describe("files", () => {
  it("are recognised by their address alone", () => {
    expect(isFile("kestra:///company/sales/a%20b.csv")).toBe(true);
    expect(isFile("https://example.com/a.csv")).toBe(false);
    expect(isFile(3)).toBe(false);
    expect(fileName("kestra:///company/sales/a%20b.csv")).toBe("a b.csv");
  });
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [15_300, "15 kB"],
    [1_530_000, "1.5 MB"],
  ])("of %d bytes are %s", (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });
});

describe("CSV", () => {
  it("keeps quoted commas, quotes and line ends", () => {
    expect(parseCsv('a,b\r\n"x, ""y""","two\nlines"\n')).toEqual([
      ["a", "b"],
      ['x, "y"', "two\nlines"],
    ]);
  });
});

describe("the leaves of outputs", () => {
  it("carry the path that an expression would use", () => {
    const outputs = { vars: { orders: 3 }, outputFiles: { "books.csv": "kestra:///x" }, list: [1], none: {} };
    expect(leavesOf(outputs).map(({ path }) => path)).toEqual([
      "vars.orders",
      "outputFiles['books.csv']",
      "list",
      "none",
    ]);
  });
});
