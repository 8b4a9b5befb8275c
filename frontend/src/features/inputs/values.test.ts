import { describe, expect, it } from "vitest";
import type { FlowInput } from "@/api/types";
import {
  asList,
  type Checked,
  formOrNothing,
  isMissing,
  presets,
  problemsOf,
  toForm,
  typedItems,
} from "./values";

const input = (id: string, over: Partial<FlowInput> = {}) => ({ id, type: "STRING", ...over }) as FlowInput;

describe("the form of an execution", () => {
  it("sends texts as they are, values as JSON, files as files, and nothing for what is left to its default", () => {
    const file = new File(["a"], "a.csv");
    const ids = ["text", "number", "flag", "list", "file", "empty", "absent"].map((id) => input(id));
    const values = { text: "x", number: 3, flag: false, list: ["a"], file, empty: "" };
    const form = toForm(ids, values);
    expect([...form.keys()]).toEqual(["text", "number", "flag", "list", "file"]);
    expect(form.get("number")).toBe("3");
    expect(form.get("flag")).toBe("false");
    expect(form.get("list")).toBe('["a"]');
    expect((form.get("file") as File).name).toBe("a.csv");
  });

  it("sends no body at all when there is no part", () => {
    expect(formOrNothing(new FormData())).toBeUndefined();
  });
});

describe("an input", () => {
  const checked = { errors: [{ message: "must be at least 5" }] } as unknown as Checked;
  it("shows what is wrong with a value, but not before one was given", () => {
    expect(problemsOf(checked, 3, false)).toBe("must be at least 5");
    expect(problemsOf(checked, undefined, false)).toBeUndefined();
    expect(problemsOf(checked, undefined, true)).toBe("must be at least 5");
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
    ["FLOAT", 10, 10],
    ["INT", "3", 3],
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
  });
});
