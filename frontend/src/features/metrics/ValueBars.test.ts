import { describe, expect, it } from "vitest";
import { roundUp } from "./ValueBars";

describe("the top of a scale", () => {
  it.each([
    [0, 1],
    [0.3, 0.5],
    [1, 1],
    [1.2, 2],
    [23, 25],
    [999, 1000],
    [6643, 10_000],
  ])("for %d is %d", (value, top) => {
    expect(roundUp(value)).toBeCloseTo(top);
  });
});
