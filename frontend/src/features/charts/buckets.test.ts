import { describe, expect, it } from "vitest";
import type { ExecutionRow } from "@/api/types";
import { bucketsOf, oldestStart, quantile, widthFor } from "./buckets";

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const row = (minute: number, current: string) =>
  ({ state: { current, startDate: new Date(T0 + minute * MINUTE).toISOString() } }) as ExecutionRow;

describe("the buckets", () => {
  it.each([
    [3_600_000, 60, MINUTE],
    [86_400_000, 48, 30 * MINUTE],
    [10_000, 60, 1000],
    [400 * 86_400_000, 60, 7 * 86_400_000],
  ])("of a span of %d ms in %d bars are round", (span, wanted, width) => {
    expect(widthFor(span, wanted)).toBe(width);
  });

  it("hold every execution once, and tell how they went", () => {
    const rows = [row(0, "SUCCESS"), row(0.5, "FAILED"), row(59, "RUNNING"), row(-5, "SUCCESS")];
    const buckets = bucketsOf(rows, T0, T0 + 59.5 * MINUTE, 61);
    expect(buckets).toHaveLength(60);
    expect(buckets[0]).toMatchObject({ from: T0, total: 2, tones: { good: 1, bad: 1 } });
    expect(buckets[59]).toMatchObject({ total: 1, tones: { busy: 1 } });
    expect(buckets.reduce((sum, { total }) => sum + total, 0)).toBe(3);
  });

  it("never are more than wanted, and there is always one", () => {
    for (const span of [0, 1, 999, 61_000, 3_601_000, 90_000_000, 9e11]) {
      const { length } = bucketsOf([], T0, T0 + span, 40);
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(40);
    }
  });

  it("begin with the oldest row", () => {
    expect(oldestStart([row(3, "SUCCESS"), row(1, "FAILED")])).toBe(T0 + MINUTE);
    expect(oldestStart([])).toBeUndefined();
  });
});

describe("a quantile", () => {
  it.each([
    [[3, 1, 2], 0.5, 2],
    [[1], 0.95, 1],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
  ])("of %j at %d is %d", (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });
  it("of nothing is nothing", () => {
    expect(quantile([], 0.5)).toBeUndefined();
  });
});
