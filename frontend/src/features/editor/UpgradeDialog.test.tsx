import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { requests, serve } from "@/test/server";
import { show } from "@/test/show";
import { UpgradeDialog } from "./UpgradeDialog";

vi.mock("./DiffView", () => ({
  default: ({ left, right }: { left: string; right: string }) => <pre>{`${left} to ${right}`}</pre>,
}));

const OLD = "type: BOOLEAN";
const UPGRADE = "/api/v1/acme/flows/upgrade";
const take = vi.fn();
const close = vi.fn();

function dialog() {
  show(<UpgradeDialog tenant="acme" text={OLD} opened onClose={close} onTake={take} />);
}

beforeEach(() => {
  take.mockClear();
  close.mockClear();
});

describe("the upgrade of a flow", () => {
  it("shows both texts and gives the new one to the editor", async () => {
    serve("POST", UPGRADE, { source: "type: BOOL", changes: [], cautions: [], left: [] });
    dialog();
    await screen.findByText("type: BOOLEAN to type: BOOL");
    await userEvent.setup().click(screen.getByRole("button", { name: "Take it over" }));
    expect(take).toHaveBeenCalledWith("type: BOOL");
    expect(close).toHaveBeenCalled();
    expect(requests("POST", UPGRADE)).toHaveLength(1);
  });

  it("says with its line what stays and what to mind", async () => {
    const left = [{ message: "a Weekend has no expression", line: 9 }];
    const cautions = [{ message: "equal values run once", line: 4 }];
    serve("POST", UPGRADE, { source: "type: BOOL", changes: [], cautions, left });
    dialog();
    expect((await screen.findByRole("region", { name: "What stays as it is" })).textContent).toContain(
      "Line 9 a Weekend has no expression",
    );
    expect(screen.getByRole("region", { name: "What to mind" }).textContent).toContain("Line 4");
  });

  it("offers nothing to take over where nothing changes", async () => {
    serve("POST", UPGRADE, { source: OLD, changes: [], cautions: [], left: [] });
    dialog();
    await screen.findByText(/Nothing in this flow/);
    expect(screen.queryByRole("button", { name: "Take it over" })).toBeNull();
  });
});
