import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { open, screen } from "@/test/open";
import { requests, serve } from "@/test/server";

const LACK = "You lack the right Manage members on Group in this tenant";
const MEMBERSHIP = "/api/v1/acme/groups/g1/members/membership/u1";

function lay(everywhere: Record<string, string[]>, ownedGroups: string[] = []): void {
  const dora = {
    id: "u1",
    username: "dora@acme.test",
    groups: [{ id: "g1", name: "Data", membership: "MEMBER" }],
  };
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", "/api/v1/acme/access/rights", { everywhere, somewhere: everywhere, ownedGroups });
  serve("GET", "/api/v1/acme/bindings/search", { results: [], total: 0 });
  serve("GET", "/api/v1/acme/groups/*", { id: "g1", name: "Data", description: "" });
  serve("GET", "/api/v1/acme/groups/*/members", { results: [dora], total: 1 });
  serve("PUT", MEMBERSHIP, dora);
}

const membership = () => screen.findByRole("combobox", { name: "Membership of dora@acme.test" });

async function expectRefused(element: HTMLElement): Promise<void> {
  const user = userEvent.setup();
  await expect.poll(() => element.getAttribute("aria-disabled")).toBe("true");
  await user.click(element);
  expect(await screen.findByText(LACK)).toBeTruthy();
  expect(screen.queryByRole("dialog")).toBeNull();
}

describe("the members of a group", () => {
  const looking = { GROUP: ["LIST", "VIEW", "UPDATE"] };

  it("are not added by whoever lacks the right", async () => {
    lay(looking);
    await open("/acme/access/groups/g1");
    await expectRefused(await screen.findByRole("button", { name: "Add members" }));
  });

  it("are not removed by them", async () => {
    lay(looking);
    await open("/acme/access/groups/g1");
    await expectRefused(await screen.findByRole("button", { name: "Remove dora@acme.test" }));
  });

  it("are made no owners by them, with the pointer or the keyboard", async () => {
    lay(looking);
    await open("/acme/access/groups/g1");
    const box = await membership();
    await expectRefused(box);
    box.focus();
    await userEvent.setup().keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(screen.queryByRole("option", { name: "Owner" })).toBeNull();
    expect(requests("PUT", MEMBERSHIP)).toHaveLength(0);
  });

  it("are made owners by one of the owners, without a right on groups", async () => {
    lay({}, ["g1"]);
    await open("/acme/access/groups/g1");
    const user = userEvent.setup();
    await user.click(await membership());
    await user.click(await screen.findByRole("option", { name: "Owner", hidden: true }));
    expect(await screen.findByText("dora@acme.test is an owner")).toBeTruthy();
    expect(requests("PUT", MEMBERSHIP)).toHaveLength(1);
  });
});
