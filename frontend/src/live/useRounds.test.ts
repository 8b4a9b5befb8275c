import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { useRounds } from "./useRounds";

describe("rounds", () => {
  it("grow only when what was over begins again", () => {
    const { result, rerender } = renderHook(({ running }) => useRounds(running), {
      initialProps: { running: undefined as boolean | undefined },
    });
    const rounds = [true, true, false, false, true, undefined, true].map((running) => {
      rerender({ running });
      return result.current;
    });
    expect(rounds).toEqual([0, 0, 0, 0, 1, 1, 1]);
  });
});
