import { describe, expect, it } from "vitest";
import { ago, parseDuration, spanText } from "./time";

describe("spans", () => {
  it.each([
    [0, "0 ms"],
    [820, "820 ms"],
    [4230, "4.2 s"],
    [59_900, "59 s"],
    [200_000, "3m 20s"],
    [7_500_000, "2h 05m"],
    [273_600_000, "3d 4h"],
  ])("reads %d ms as %s", (ms, text) => {
    expect(spanText(ms)).toBe(text);
  });
});

describe("durations", () => {
  it.each([
    ["PT10S", 10_000],
    ["PT1M0.5S", 60_500],
    ["P1DT2H", 93_600_000],
    ["ten", undefined],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
});

describe("ago", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  it("speaks of now, past and future", () => {
    expect(ago("2026-01-01T11:59:58Z", now)).toBe("just now");
    expect(ago("2026-01-01T11:58:00Z", now)).toBe("2 minutes ago");
    expect(ago("2026-01-01T15:00:00Z", now)).toBe("in 3 hours");
  });
});
