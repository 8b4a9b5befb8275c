import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const TENANT = "/api/v1/acme/credentials";
const HERE = "/api/v1/acme/namespaces/company/credentials";
const ROW = {
  id: "c1",
  name: "billing",
  type: "OAUTH2",
  tenantId: "acme",
  tokenEndpoint: "https://issuer.test/token",
  tokenCaching: { enabled: true, refreshBeforeExpiry: "PT1M" },
  authConfig: {
    type: "CLIENT_CREDENTIALS",
    clientId: { type: "VALUE", value: "me" },
    clientSecret: { type: "SECRET", secretKey: "S", namespace: "company" },
  },
};

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", "/api/v1/acme/namespaces/company", { id: "company" });
  serve("GET", `${HERE}/inherited`, {
    levels: [{ namespace: "tenant", credentials: [{ id: "t", name: "google", type: "OAUTH2" }] }],
  });
  serve("GET", HERE, { results: [], total: 0 });
  serve("GET", TENANT, { results: [ROW], total: 1 });
});

describe("credentials", () => {
  it("of a namespace say what is lent, and take a first one", async () => {
    serve("POST", HERE, ROW);
    await open("/acme/namespaces/company/credentials");
    await screen.findByText("No credential in this namespace");
    await screen.findByText("From above: google (tenant)");
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "New credential" }));
    const dialog = await screen.findByRole("dialog", { name: "New credential" });
    const type = (name: RegExp, text: string) =>
      user.type(within(dialog).getByRole("textbox", { name }), text);
    await type(/^Name/, "billing");
    await type(/^Token endpoint/, "https://issuer.test/token");
    await type(/^Client ID/, "me");
    await type(/^Secret that holds the client's secret/, "S");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(requests("POST", HERE)[0]?.json).toMatchObject({
      type: "OAUTH2",
      name: "billing",
      authConfig: { type: "CLIENT_CREDENTIALS", clientSecret: { secretKey: "S" } },
    });
  });

  it("of the tenant are tried step by step", async () => {
    serve("POST", `${TENANT}/c1/test`, {
      success: false,
      message: "No token",
      steps: [
        { name: "secrets", success: true, message: "read `S`" },
        { name: "request", success: false, message: "it answered 401: invalid_client" },
      ],
    });
    await open("/acme/credentials");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Test billing" }));
    const dialog = await screen.findByRole("dialog", { name: "Test billing" });
    await within(dialog).findByText("it answered 401: invalid_client");
    expect(within(dialog).getByText("No token was given.")).toBeTruthy();
    expect(within(dialog).getAllByLabelText(/done|failed/)).toHaveLength(2);
  });

  it("are changed as they are set, and deleted once their name is typed", async () => {
    serve("PUT", `${TENANT}/c1`, ROW);
    serve("DELETE", `${TENANT}/c1`);
    await open("/acme/credentials");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Change billing" }));
    const dialog = await screen.findByRole("dialog", { name: "Change billing" });
    await user.type(within(dialog).getByRole("textbox", { name: /^Scopes/ }), "read");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(requests("PUT", `${TENANT}/c1`)).toHaveLength(1));
    expect(requests("PUT", `${TENANT}/c1`)[0]?.json).toMatchObject({
      scopes: ["read"],
      authConfig: { clientSecret: { secretKey: "S", namespace: "company" } },
    });
    await user.click(await screen.findByRole("button", { name: "Delete billing" }));
    const question = await screen.findByRole("dialog", { name: "Delete credential" });
    await user.type(within(question).getByRole("textbox"), "billing");
    await user.click(within(question).getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(requests("DELETE", `${TENANT}/c1`)).toHaveLength(1));
  });
});
