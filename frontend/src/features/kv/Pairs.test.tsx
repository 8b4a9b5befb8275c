import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const ABOVE = "/api/v1/acme/namespaces/company";

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", ABOVE, { id: "company" });
});

describe("the pairs of a namespace", () => {
  it("can be added to, and are told by name when there are none", async () => {
    serve("GET", "/api/v1/acme/kv", { results: [], total: 0 });
    serve("PUT", `${ABOVE}/kv/stage`);
    await open("/acme/namespaces/company/kv");
    await screen.findByText("No pair in this namespace");
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "New pair" }));
    const dialog = await screen.findByRole("dialog", { name: "New pair" });
    await user.type(within(dialog).getByRole("textbox", { name: /Key/ }), "stage");
    await user.type(within(dialog).getByRole("textbox", { name: /Value/ }), "live");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(requests("PUT", `${ABOVE}/kv/stage`)[0]?.text).toBe('"live"');
  });
});
