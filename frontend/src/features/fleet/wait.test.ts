import { describe, expect, it } from "vitest";
import { isSilent, rateText, waitText } from "./wait";

const calm = { waiting: 0, endedRate: 0, workers: 1 };

describe("how a line of jobs stands", () => {
  it("says how much waits, and since when", () => {
    expect(waitText(calm)).toBe("nothing waits");
    expect(waitText({ ...calm, waiting: 3 })).toBe("3 waiting");
    expect(waitText({ ...calm, waiting: 3, oldestWaitSeconds: 5 })).toMatch(/^3 waiting, the oldest for 5/);
  });

  it("says how fast jobs end", () => {
    expect(rateText({ ...calm, endedRate: 0.25 })).toBe("0.3 jobs/s");
    expect(rateText({ ...calm, endedRate: 124.6 })).toBe("125 jobs/s");
  });

  it("is silent when work waits for nobody", () => {
    expect(isSilent({ ...calm, waiting: 1, workers: 0 })).toBe(true);
    expect(isSilent({ ...calm, waiting: 1 })).toBe(false);
    expect(isSilent({ ...calm, workers: 0 })).toBe(false);
  });
});
