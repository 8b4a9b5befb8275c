import { describe, expect, it } from "vitest";
import type { StateType } from "@/api/types";
import { requests, serve } from "@/test/server";
import { fetchActivity } from "./activity";
import { bucketsOf, quantile } from "./buckets";

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const counted = (minute: number, state: StateType, count: number) => ({
  start: new Date(T0 + minute * MINUTE).toISOString(),
  state,
  count,
});

describe("the buckets", () => {
  it("hold all that was counted, and tell how they went", () => {
    const counts = [counted(0, "SUCCESS", 700), counted(0, "FAILED", 1), counted(59, "RUNNING", 2)];
    const buckets = bucketsOf({ from: T0 + 1000, to: T0 + 59.5 * MINUTE, interval: 60, counts });
    expect(buckets).toHaveLength(60);
    expect(buckets[0]).toMatchObject({ from: T0, total: 701, tones: { good: 700, bad: 1 } });
    expect(buckets[1]).toMatchObject({ total: 0, tones: {} });
    expect(buckets[59]).toMatchObject({ total: 2, tones: { busy: 2 } });
  });

  it("of nothing are none", () => {
    expect(bucketsOf({ from: T0, to: T0, counts: [] })).toEqual([]);
  });
});

describe("the activity", () => {
  const total = { total: 500, begin: new Date(T0).toISOString(), interval: 60, counts: [] };

  it("is asked for with the filters of the list and the time it shows", async () => {
    serve("GET", "/api/v1/acme/executions/activity", total);
    const to = T0 + 10 * MINUTE;
    const found = await fetchActivity("acme", { namespace: "prod", from: String(T0), to: String(to) }, 80);
    const [asked] = requests("GET", "/api/v1/acme/executions/activity");
    expect(asked?.search.get("filters[namespace][PREFIX]")).toBe("prod");
    expect(asked?.search.get("begin")).toBe(new Date(T0).toISOString());
    expect(asked?.search.get("end")).toBe(new Date(to).toISOString());
    expect(found).toMatchObject({ total: 500, from: T0, to });
  });

  it("reaches back to the oldest start if no time was asked for", async () => {
    serve("GET", "/api/v1/acme/executions/activity", total);
    expect(await fetchActivity("acme", {}, 80)).toMatchObject({ from: T0 });
    expect(requests("GET", "/api/v1/acme/executions/activity")[0]?.search.has("begin")).toBe(false);
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
