import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { ExecutionRow } from "@/api/types";
import { requests, serve } from "@/test/server";
import { screen, show, waitFor, within } from "@/test/show";
import { BulkActions } from "./BulkActions";

const ROOT = "/api/v1/acme/executions";
const row = (id: string) => ({ id, state: { current: "FAILED" } }) as ExecutionRow;

function choose(...ids: string[]) {
  const done = vi.fn();
  show(
    <BulkActions tenant="acme" rows={ids.map(row)} total={40} search={{ state: "FAILED" }} onDone={done} />,
  );
  return { user: userEvent.setup(), done };
}

describe("many executions at once", () => {
  it("get a status that somebody agreed to", async () => {
    serve("POST", `${ROOT}/change-status/by-ids`, { operationId: "o", totalItems: 2 });
    const { user, done } = choose("e1", "e2");
    await user.click(screen.getByRole("button", { name: "Change status" }));
    await user.click(await screen.findByRole("menuitem", { name: "Cancelled" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog.textContent).toContain("2 executions: CANCELLED");
    await user.click(within(dialog).getByRole("button", { name: "Change status" }));
    await waitFor(() => expect(done).toHaveBeenCalled());
    const [sent] = requests("POST", `${ROOT}/change-status/by-ids`);
    expect(sent?.search.get("newStatus")).toBe("CANCELLED");
    expect(sent?.json).toEqual(["e1", "e2"]);
  });

  it("get labels, also those that are not loaded", async () => {
    serve("POST", `${ROOT}/labels/by-query`, { operationId: "o", totalItems: 40 });
    const { user, done } = choose("e1");
    await user.click(screen.getByRole("button", { name: "Select all 40 that match" }));
    await user.click(screen.getByRole("button", { name: "Set labels" }));
    const dialog = await screen.findByRole("dialog", { name: "Set labels of 40 executions" });
    await user.type(within(dialog).getByRole("combobox"), "team:sales{Enter}");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(done).toHaveBeenCalled());
    const [sent] = requests("POST", `${ROOT}/labels/by-query`);
    expect(sent?.json).toEqual([{ key: "team", value: "sales" }]);
    expect([...(sent?.search ?? [])]).toEqual([["filters[state][IN]", "FAILED"]]);
  });
});
