import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { screen, show } from "@/test/show";
import { ShortcutsHelp, useActions, useShortcut } from "./shortcuts";

function Page({ run }: { run: () => void }) {
  useShortcut("x", "Kill it", run);
  useShortcut("g f", "Go to flows", run);
  return (
    <>
      <input aria-label="A field" />
      <output>{useActions().map(({ does }) => does)}</output>
      <ShortcutsHelp />
    </>
  );
}

describe("the shortcuts of a page", () => {
  it("run by key and by keys in turn, but not while one types", async () => {
    const run = vi.fn();
    show(<Page run={run} />);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText("A field"), "xgf");
    expect(run).not.toHaveBeenCalled();
    await user.click(document.body);
    await user.keyboard("x");
    expect(run).toHaveBeenCalledTimes(1);
    await user.keyboard("gf");
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("are offered as actions, without those that only lead elsewhere", () => {
    show(<Page run={vi.fn()} />);
    expect(screen.getByRole("status").textContent).toContain("Kill it");
    expect(screen.getByRole("status").textContent).not.toContain("Go to flows");
  });
});
