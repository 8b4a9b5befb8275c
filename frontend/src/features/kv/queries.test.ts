import { describe, expect, it } from "vitest";
import { asJson } from "./queries";

describe("the value of a pair", () => {
  it.each([
    ["42", "42"],
    ["true", "true"],
    ['{"a": [1]}', '{"a": [1]}'],
    ["hello world", '"hello world"'],
    ['"quoted"', '"quoted"'],
    ["", '""'],
    ["2026-01-01", '"2026-01-01"'],
  ])("%j is sent as %s", (text, sent) => {
    expect(asJson(text)).toBe(sent);
  });
});
