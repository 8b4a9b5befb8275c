import { describe, expect, it } from "vitest";
import { parseJson, stringifyJson } from "@/api/json";
import type { FlowInput } from "@/api/types";
import { anyJson, anyNumber, random, times, wholeText } from "@/test/random";
import {
  askedInputs,
  asList,
  type Checked,
  formOrNothing,
  isMissing,
  leftOut,
  presets,
  problemsOf,
  toParts,
  typedItems,
} from "./values";

const input = (id: string, over: Partial<FlowInput> = {}) => ({ id, type: "STRING", ...over }) as FlowInput;

describe("the form of an execution", () => {
  it("sends texts as they are, values as JSON, files as files, and nothing for what is left to its default", () => {
    const file = new File(["a"], "a.csv");
    const ids = ["text", "number", "flag", "list", "file", "empty", "absent"].map((id) => input(id));
    const values = { text: "x", number: "3.10", flag: false, list: ["a"], file, empty: "" };
    expect(toParts(ids, values)).toEqual([
      ["text", "x"],
      ["number", "3.10"],
      ["flag", "false"],
      ["list", '["a"]'],
      ["file", file],
    ]);
  });

  it("sends no body at all when there is no part", () => {
    expect(formOrNothing([])).toBeUndefined();
  });
});

describe("an input", () => {
  const checked = { errors: [{ message: "must be at least 5" }] } as unknown as Checked;
  it("shows what is wrong with a value, but not before one was given", () => {
    expect(problemsOf(checked, "3", false)).toBe("must be at least 5");
    expect(problemsOf(checked, undefined, false)).toBeUndefined();
    expect(problemsOf(checked, undefined, true)).toBe("must be at least 5");
  });

  it("is left out when the server says so, and then not missing", () => {
    const out = { enabled: false, errors: [{ message: "no `x`" }] } as unknown as Checked;
    expect(leftOut(out)).toEqual({ why: "no `x`" });
    expect(isMissing(input("a"), undefined, out)).toBe(false);
    expect(leftOut(checked)).toBeUndefined();
  });

  it("says what no store keeps before it is sent", () => {
    expect(problemsOf(undefined, "a\0b", false)).toMatch(/NUL/);
  });

  it("is missing only when required, not given, and without default", () => {
    expect(isMissing(input("a"), undefined, undefined)).toBe(true);
    expect(isMissing(input("a", { required: false }), undefined, undefined)).toBe(false);
    expect(isMissing(input("a", { defaults: "x" as never }), undefined, undefined)).toBe(false);
    expect(isMissing(input("a"), "given", undefined)).toBe(false);
  });
});

describe("the fields begin", () => {
  it.each([
    ["FLOAT", 10, "10"],
    ["FLOAT", "1.50", "1.50"],
    ["INT", "3", "3"],
    ["INT", parseJson("7615917337495251231"), "7615917337495251231"],
    ["INT", "three", undefined],
    ["ARRAY", parseJson("[7615917337495251231, 1.0]"), ["7615917337495251231", "1.0"]],
    ["JSON", parseJson('{"id": 7615917337495251231}'), '{\n  "id": 7615917337495251231\n}'],
    ["YAML", "a: 1\r\nb: 2", "a: 1\r\nb: 2"],
    ["BOOLEAN", "true", true],
    ["ARRAY", '["a"]', ["a"]],
    ["STRING", "x", "x"],
    ["STRING", "{{ now() }}", undefined],
    ["JSON", { a: 1 }, '{\n  "a": 1\n}'],
    ["FILE", "kestra:///x", undefined],
  ])("for %s with the default %j as %j", (type, defaults, expected) => {
    expect(presets([input("a", { type, defaults } as never)]).a).toEqual(expected);
  });
});

describe("lists", () => {
  it("reads a default given as list or as JSON text", () => {
    expect(asList(["a", 1])).toEqual(["a", "1"]);
    expect(asList('["books"]')).toEqual(["books"]);
    expect(asList("books")).toEqual([]);
  });
  it("types its items as declared", () => {
    expect(typedItems(["1", "x"], "INT")).toEqual([1, "x"]);
    expect(typedItems(["1"], "STRING")).toEqual(["1"]);
    expect(stringifyJson(typedItems(["7615917337495251231", "1.0"], "INT"))).toBe(
      "[7615917337495251231,1.0]",
    );
  });
});

describe("an untouched form", () => {
  it("sends what the flow says, whatever it says", () => {
    times(300, (seed) => {
      const draw = random(seed);
      const text = wholeText(draw);
      const number = anyNumber(draw);
      const [list, map] = [`[${number},${JSON.stringify(text)}]`, anyJson(draw)];
      const inputs = [
        input("text", { defaults: text as never }),
        input("number", { type: "FLOAT" as never, defaults: parseJson(number) as never }),
        input("list", { type: "ARRAY" as never, itemType: "JSON", defaults: parseJson(list) as never }),
        input("map", { type: "JSON" as never, defaults: parseJson(map) as never }),
        input("date", { type: "DATETIME" as never, defaults: "2026-10-25T00:30:00.123456Z" as never }),
      ];
      const sent = Object.fromEntries(toParts(inputs, presets(inputs)));
      const plain = (given: string) => (given.includes("{{") ? undefined : given);
      expect(sent.text ?? "").toBe(plain(text) ?? "");
      expect(sent.number).toBe(number);
      expect(sent.date).toBe("2026-10-25T00:30:00.123456Z");
      if (plain(map) && map !== "null" && !map.startsWith('"')) expect(compact(sent.map)).toBe(map);
      if (plain(list) && !isJson(text)) expect(sent.list).toBe(list);
    });
  });
});

function compact(text: unknown): string {
  return stringifyJson(parseJson(String(text)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("a form among the inputs", () => {
  const form = input("car", {
    type: "FORM",
    inputs: [
      input("seats", { type: "INT" }),
      input("more", { type: "FORM", inputs: [input("key")] } as never),
    ],
  } as never);

  it("is a heading, and what stands in it is asked for by its full id", () => {
    expect(askedInputs([input("way"), form]).map(({ id }) => id)).toEqual([
      "way",
      "car",
      "car.seats",
      "car.more",
      "car.more.key",
    ]);
  });

  it("is never missing itself, and travels as its parts", () => {
    expect(isMissing(form, undefined, undefined)).toBe(false);
    expect(toParts(askedInputs([form]), { "car.seats": "4" })).toEqual([["car.seats", "4"]]);
  });
});
