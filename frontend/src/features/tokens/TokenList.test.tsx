import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen } from "@/test/open";
import { requests, serve } from "@/test/server";

const TOKEN = { id: "t1", name: "deploy", prefix: "osa_ab", expired: false, iat: "2026-01-01T00:00:00Z" };
const BUTTONS = ["Create token", "Rotate deploy", "Revoke deploy"];

function isMe(me: object = {}): void {
  const profile = { email: "vera@acme.test" };
  serve("GET", "/api/v1/me", { superAdmin: false, profile, tenants: [{ id: "acme", name: "Acme" }], ...me });
}

async function expectAllRefused(reason: string): Promise<void> {
  const user = userEvent.setup();
  for (const name of BUTTONS) {
    const button = await screen.findByRole("button", { name });
    await expect.poll(() => button.getAttribute("aria-disabled")).toBe("true");
    await user.click(button);
    expect(await screen.findByText(reason)).toBeTruthy();
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.unhover(button);
    button.blur();
    await expect.poll(() => screen.queryByText(reason)).toBeNull();
  }
}

async function expectAllAllowed(): Promise<void> {
  const user = userEvent.setup();
  for (const name of BUTTONS) {
    const button = await screen.findByRole("button", { name });
    expect(button.getAttribute("aria-disabled")).toBeNull();
    await user.click(button);
    expect(await screen.findByRole("dialog")).toBeTruthy();
    await user.keyboard("{Escape}");
    await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
  }
}

beforeEach(() => {
  isMe();
  serve("GET", "/api/v1/configs");
  serve("GET", "/api/v1/setup", {});
});

async function expectHistory(path: string): Promise<void> {
  serve("GET", path, { results: [], total: 0 });
  await userEvent.setup().click(await screen.findByRole("button", { name: "History of deploy" }));
  expect(await screen.findByRole("dialog", { name: "History of deploy" })).toBeTruthy();
  const details = ["token", "credential"].map((key) => `filters[details][EQUALS][${key}]`);
  const asked = () => requests("GET", path).map(({ search }) => details.map((name) => search.get(name)));
  await expect.poll(() => asked().filter(([made]) => made === "t1")).toHaveLength(1);
  expect(asked().filter(([, used]) => used === "t1")).toHaveLength(1);
}

describe("the tokens of a service account", () => {
  function lay(everywhere: Record<string, string[]>): void {
    serve("GET", "/api/v1/acme/access/rights", { everywhere, somewhere: everywhere, ownedGroups: [] });
    serve("GET", "/api/v1/acme/bindings/search", { results: [], total: 0 });
    serve("GET", "/api/v1/acme/service-accounts/*", { id: "a1", name: "ci", groupList: [], disabled: false });
    serve("GET", "/api/v1/acme/service-accounts/*/api-tokens", { results: [TOKEN] });
  }

  it("are looked at alone by whoever lacks the right, and each button says which", async () => {
    lay({ SERVICE_ACCOUNT: ["LIST", "VIEW"] });
    await open("/acme/access/accounts/a1");
    await expectAllRefused("You lack the right Update on Service account in this tenant");
  });

  it("are made, rotated and revoked by whoever holds it", async () => {
    lay({ SERVICE_ACCOUNT: ["LIST", "VIEW", "UPDATE"] });
    await open("/acme/access/accounts/a1");
    await expectAllAllowed();
    expect(requests("GET", "/api/v1/acme/access/rights")).toHaveLength(1);
  });

  it("have a history each: what happened to it, and what was done with it", async () => {
    lay({ SERVICE_ACCOUNT: ["LIST", "VIEW"] });
    await open("/acme/access/accounts/a1");
    serve("GET", "/api/v1/acme/auditlogs/search", { results: [], total: 0 });
    await expectHistory("/api/v1/acme/auditlogs/search");
  });
});

describe("one's own tokens", () => {
  beforeEach(() => {
    serve("GET", "/api/v1/me/api-tokens", { results: [TOKEN] });
    serve("GET", "/api/v1/me/sessions", []);
    serve("GET", "/api/v1/me/invitations", []);
  });

  it("are one's own", async () => {
    await open("/acme/profile");
    await expectAllAllowed();
  });

  it("have a history in all tenants for superadmins, and in the open one for others", async () => {
    const view = await open("/acme/profile");
    await expectHistory("/api/v1/acme/auditlogs/search");
    view.unmount();
    isMe({ superAdmin: true });
    await open("/acme/profile");
    await expectHistory("/api/v1/auditlogs/search");
  });

  it("are no matter of whoever acts as one, and each button says so", async () => {
    isMe({ impersonator: { id: "u1", username: "root@orrery.test" } });
    await open("/acme/profile");
    await expectAllRefused("Whoever acts as somebody else makes and ends no tokens of theirs");
  });
});
