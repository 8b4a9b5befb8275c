import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { screen, show, waitFor, within } from "@/test/show";
import { actionsColumn } from "./storeColumns";

function offer() {
  const onChange = vi.fn();
  const onDelete = vi.fn(async () => undefined);
  const column = actionsColumn({
    changeLabel: "Give it a new value",
    onChange,
    deleteTitle: "Delete secret",
    deleteText: "Flows that ask for it fail.",
    onDelete,
  });
  show(column.cell({ key: "one" }));
  return { user: userEvent.setup(), onChange, onDelete };
}

describe("a row of a store", () => {
  it("goes when its name is typed, and not before", async () => {
    const { user, onDelete } = offer();
    await user.click(screen.getByRole("button", { name: "Delete one" }));
    const dialog = await screen.findByRole("dialog", { name: "Delete secret" });
    const agree = within(dialog).getByRole("button", { name: "Delete" });
    expect((agree as HTMLButtonElement).disabled).toBe(true);
    await user.type(within(dialog).getByRole("textbox"), "one");
    await user.click(agree);
    await waitFor(() => expect(onDelete).toHaveBeenCalledWith("one"));
  });

  it("is handed over to be changed", async () => {
    const { user, onChange } = offer();
    await user.click(screen.getByRole("button", { name: "Change one" }));
    expect(onChange).toHaveBeenCalledWith({ key: "one" });
  });
});
