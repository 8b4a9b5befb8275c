import { describe, expect, it } from "vitest";
import { Heights } from "./heights";

/** What a plain list of heights would answer. */
function plainly(heights: number[]) {
  const tops = [0];
  for (const height of heights) tops.push((tops[tops.length - 1] ?? 0) + height);
  return {
    top: (index: number) => tops[index],
    at: (point: number) => {
      const index = heights.findIndex((_, row) => point < (tops[row + 1] ?? 0));
      return index < 0 ? Math.max(0, heights.length - 1) : index;
    },
  };
}

describe("the heights of rows", () => {
  it("agree with a plain list of them, however they were measured", () => {
    const list = Array.from({ length: 3000 }, () => 20);
    const heights = new Heights(20, list.length);
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let step = 0; step < 2000; step += 1) {
      const index = random(list.length);
      const height = 10 + random(90);
      expect(heights.set(index, height)).toBe(height - (list[index] ?? 0));
      list[index] = height;
    }
    const plain = plainly(list);
    for (const index of [0, 1, 511, 512, 513, 1024, 2999, 3000])
      expect(heights.top(index)).toBe(plain.top(index));
    for (let point = 0; point < heights.total + 100; point += 97)
      expect(heights.at(point)).toBe(plain.at(point));
  });

  it("keep what they know when rows are added, and forget what is gone", () => {
    const heights = new Heights(20, 10);
    heights.set(3, 50);
    heights.set(9, 100);
    heights.resize(20);
    expect(heights.total).toBe(20 * 20 + 30 + 80);
    heights.resize(5);
    heights.resize(10);
    expect(heights.total).toBe(10 * 20 + 30);
  });

  it("of no rows at all are nothing", () => {
    const heights = new Heights(20);
    expect([heights.total, heights.at(0), heights.at(500)]).toEqual([0, 0, 0]);
  });

  it("of a million rows are asked quickly", () => {
    const heights = new Heights(20, 1_000_000);
    const before = performance.now();
    for (let step = 0; step < 1000; step += 1) {
      heights.set(step * 999, 44);
      heights.at(step * 19_000);
    }
    expect(performance.now() - before).toBeLessThan(1500);
  });
});
