import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { anyJson, anyText, random, times } from "@/test/random";
import { isNumber, Numeral, parseJson, stringifyJson } from "./json";

describe("JSON", () => {
  it.each([
    "7615917337495251231",
    "-9007199254740993",
    "1.10",
    "12.0",
    "-0",
    "1e400",
    "1E5",
    "0.1000000000000000055511151231257827",
    "123456789.123456789",
    '{"id":7615917337495251231,"list":[1,1.0,"1.0"],"at":"2026-01-01T10:20:30.120Z"}',
    '["a \\" 7615917337495251231 \\\\", 7615917337495251231]',
    "null",
  ])("keeps %s as it is written", (text) => {
    expect(stringifyJson(parseJson(text)).replaceAll(",", ", ")).toBe(text.replaceAll(/,(?! )/g, ", "));
  });

  it("keeps whatever numbers and texts there are, at any depth", () => {
    times(400, (seed) => {
      const text = anyJson(random(seed));
      expect(stringifyJson(parseJson(text))).toBe(text);
    });
  });

  it("keeps texts of any characters, halves of pairs included", () => {
    times(400, (seed) => {
      const text = anyText(random(seed));
      expect(parseJson(stringifyJson({ text, number: new Numeral("1.0") }))).toEqual({
        text,
        number: new Numeral("1.0"),
      });
    });
  });

  it("leaves plain numbers plain, so that they count", () => {
    expect(parseJson('{"a": 1, "b": 1.5, "c": 12345678901234567890}')).toEqual({
      a: 1,
      b: 1.5,
      c: new Numeral("12345678901234567890"),
    });
    expect(Number(parseJson("12.0")) + 1).toBe(13);
    expect([1, new Numeral("1.0"), "1"].map(isNumber)).toEqual([true, true, false]);
  });

  it.each(["01.0", "1.", "{1e5: 1}", "", "[7615917337495251231", "+1.0"])("refuses %j", (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it("reads a text of many megabytes beside a long number", () => {
    const long = "x\\n".repeat(3_000_000);
    const value = parseJson(`{"long": "${long}", "id": 7615917337495251231}`) as { id: unknown };
    expect(String(value.id)).toBe("7615917337495251231");
  });
});

describe("the application", () => {
  it("reads and writes JSON here alone", () => {
    const root = join(__dirname, "..");
    const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter(
      (name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|^test\/|schema\.ts$|api\/json\.ts$/.test(name),
    );
    const strays = files.filter((name) =>
      /JSON\.(parse|stringify)|\.json\(\)/.test(readFileSync(join(root, name), "utf8")),
    );
    expect(strays).toEqual([]);
  });
});
