import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { asJson, requests, serve } from "@/test/server";

const ROOT = "/api/v1/acme/access";
const STEPS =
  '{"steps": [{"action": "CREATE", "kind": "ROLE", "name": "Looker", "after": {"permissions": {"FLOW": ["VIEW"]}}}]}';

describe("rights as code", () => {
  it("compares before it applies, and applies what was compared", async () => {
    serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
    serve("GET", "/api/v1/configs");
    serve("GET", `${ROOT}/export`, "roles: []\n");
    serve("POST", `${ROOT}/plan`, asJson(STEPS));
    serve("POST", `${ROOT}/apply`, asJson(STEPS));
    await open("/acme/access/code");
    const user = userEvent.setup();
    const source = await screen.findByRole("textbox", { name: /Roles, groups/ });
    await user.clear(source);
    await user.type(source, "roles: x");
    await user.click(screen.getByRole("button", { name: "Compare" }));
    const changes = within(await screen.findByRole("list", { name: "Changes" }));
    expect(changes.getByText("Looker")).toBeTruthy();
    expect(changes.getByText("+ permissions.FLOW: VIEW")).toBeTruthy();
    expect(requests("POST", `${ROOT}/apply`)).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Apply 1 change" }));
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Apply" }));
    await waitFor(() => expect(requests("POST", `${ROOT}/apply`)).toHaveLength(1));
    expect(requests("POST", `${ROOT}/apply`)[0]?.text).toBe("roles: x");
  });

  it("takes the changes back when the text is another than was compared", async () => {
    serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
    serve("GET", "/api/v1/configs");
    serve("GET", `${ROOT}/export`, "roles: []\n");
    serve("POST", `${ROOT}/plan`, asJson(STEPS));
    await open("/acme/access/code");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Compare" }));
    await screen.findByRole("button", { name: "Apply 1 change" });
    await user.type(screen.getByRole("textbox", { name: /Roles, groups/ }), "x");
    expect(screen.queryByRole("button", { name: "Apply 1 change" })).toBeNull();
  });
});
