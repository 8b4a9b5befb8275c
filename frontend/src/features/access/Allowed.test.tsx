import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { open, screen } from "@/test/open";
import { requests, serve } from "@/test/server";

function lay(everywhere: Record<string, string[]>, ownedGroups: string[] = []) {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", "/api/v1/acme/access/rights", { everywhere, somewhere: everywhere, ownedGroups });
  serve("GET", "/api/v1/acme/bindings/search", { results: [], total: 0 });
  serve("GET", "/api/v1/acme/groups/*", { id: "g1", name: "Data", description: "" });
  serve("GET", "/api/v1/acme/groups/*/members", { results: [], total: 0 });
  serve("GET", "/api/v1/acme/groups/search", { results: [], total: 0 });
}

describe("what one may not do", () => {
  it("is not done by the button, which says which right is missing", async () => {
    lay({ GROUP: ["LIST"] });
    await open("/acme/access/groups");
    const button = await screen.findByRole("button", { name: "New group" });
    await expect.poll(() => button.getAttribute("aria-disabled")).toBe("true");
    await userEvent.setup().click(button);
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(await screen.findByText("You lack the right Create on Group in this tenant")).toBeTruthy();
  });

  it("is done by whoever holds the right", async () => {
    lay({ GROUP: ["LIST", "CREATE"] });
    await open("/acme/access/groups");
    await userEvent.setup().click(await screen.findByRole("button", { name: "New group" }));
    expect(await screen.findByRole("dialog")).toBeTruthy();
    expect(requests("GET", "/api/v1/acme/access/rights")).toHaveLength(1);
  });

  it("is done in a group by its owner without the right", async () => {
    lay({}, ["g1"]);
    await open("/acme/access/groups/g1");
    const rename = await screen.findByRole("button", { name: "Rename" });
    await expect.poll(() => rename.getAttribute("aria-disabled")).toBe("true");
    await userEvent.setup().click(screen.getByRole("button", { name: "Add members" }));
    expect(await screen.findByRole("dialog")).toBeTruthy();
  });
});
