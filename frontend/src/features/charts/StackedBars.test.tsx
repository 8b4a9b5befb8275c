import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { screen, show } from "@/test/show";
import type { Bucket } from "./buckets";
import { StackedBars } from "./StackedBars";

const bucket = (from: number, tones: Bucket["tones"]): Bucket => {
  const total = Object.values(tones).reduce((sum, count) => sum + count, 0);
  return { from, to: from + 1000, total, tones };
};
const buckets = [bucket(0, { good: 2 }), bucket(1000, {}), bucket(2000, { good: 1, bad: 3 })];

describe("the bars", () => {
  it("say what they count, and are walked and chosen by keyboard", async () => {
    const pick = vi.fn();
    show(<StackedBars buckets={buckets} label="Starts" caption="6 executions" onPick={pick} />);
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement?.getAttribute("aria-label")).toMatch(
      /4 executions, 1 succeeded, 3 failed or killed$/,
    );
    await user.keyboard("{ArrowLeft}{Enter}");
    expect(pick).toHaveBeenCalledWith(buckets[0]);
    expect(screen.getByText(/: 2 executions, 2 succeeded$/)).toBeTruthy();
  });
});
