import { describe, expect, it } from "vitest";
import { random, times, wholeText } from "@/test/random";
import { textProblem } from "./texts";

describe("a text", () => {
  it.each(["a\0b", "\ud83c", ["fine", "\udf0d"]])("%j cannot be kept, and that is said", (value) => {
    expect(textProblem(value)).toMatch(/cannot be kept/);
  });
  it("of whole characters can", () => {
    times(200, (seed) => expect(textProblem(wholeText(random(seed)))).toBeUndefined());
  });
});
