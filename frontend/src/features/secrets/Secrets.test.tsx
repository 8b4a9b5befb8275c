import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const ABOVE = "/api/v1/acme/namespaces/company";

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", ABOVE, { id: "company" });
  serve("GET", `${ABOVE}/secrets-usage`, []);
  serve("GET", `${ABOVE}/secrets-backend`, {
    type: "built-in",
    level: "instance",
    saidBy: "instance",
    readOnly: false,
    state: "ok",
  });
  serve("GET", `${ABOVE}/inherited-secrets`, { company: ["OWN"], above: ["LENT"] });
});

describe("the secrets of a namespace", () => {
  it("say what they are for while there is none, and take a first one", async () => {
    serve("GET", "/api/v1/acme/secrets", { results: [], total: 0 });
    serve("PUT", `${ABOVE}/secrets`);
    await open("/acme/namespaces/company/secrets");
    await screen.findByText("No secret in this namespace");
    await screen.findByText("From above: LENT (above)");
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "New secret" }));
    const dialog = await screen.findByRole("dialog", { name: "New secret" });
    await user.type(within(dialog).getByRole("textbox", { name: /Name/ }), "DB");
    await user.type(within(dialog).getByLabelText(/Value/), "s3cret");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const [sent] = requests("PUT", `${ABOVE}/secrets`);
    expect(sent?.json).toEqual({ key: "DB", value: "s3cret", description: "", tags: [] });
  });

  it("cannot be added where they are kept elsewhere", async () => {
    serve("GET", "/api/v1/acme/secrets", { results: [], total: 0, readOnly: true });
    await open("/acme/namespaces/company/secrets");
    await screen.findByText("No secret in this namespace");
    expect(screen.queryByRole("button", { name: "New secret" })).toBeNull();
  });

  it("say where they are kept, how that place does, and what works when it is tried", async () => {
    serve("GET", "/api/v1/acme/secrets", { results: [], total: 0 });
    serve("GET", `${ABOVE}/secrets-backend`, {
      type: "vault",
      level: "namespace",
      saidBy: "company",
      readOnly: true,
      state: "failing",
      message: "https://vault did not answer within 5 s",
    });
    serve("POST", `${ABOVE}/secrets-backend/test`, {
      results: [
        { act: "list", outcome: "works", message: "3 secrets are there" },
        { act: "write", outcome: "refused", message: "permission denied" },
      ],
    });
    await open("/acme/namespaces/company/secrets");
    await screen.findByText("Kept in vault, as company says");
    await screen.findByText("https://vault did not answer within 5 s");
    await userEvent.setup().click(screen.getByRole("button", { name: "Test connection" }));
    const list = await screen.findByRole("list", { name: "What works" });
    expect(list.textContent).toBe("list works: 3 secrets are therewrite is refused: permission denied");
    expect(requests("POST", `${ABOVE}/secrets-backend/test`)[0]?.json).toEqual({});
  });

  it("show who uses them, and which are missing", async () => {
    serve("GET", "/api/v1/acme/secrets", {
      results: [
        { namespace: "company", key: "DB", tags: [] },
        { namespace: "company", key: "IDLE", tags: [] },
      ],
      total: 2,
    });
    const flows = [{ namespace: "company.team", id: "load" }];
    const none = { flows: [], otherFlows: 0, settings: [] };
    serve("GET", `${ABOVE}/secrets-usage`, [
      { ...none, key: "NOPE", namespace: "company", state: "missing", flows },
      {
        ...none,
        key: "DB",
        namespace: "company",
        state: "used",
        flows,
        otherFlows: 2,
        settings: ["company"],
      },
      { ...none, key: "IDLE", namespace: "company", state: "unused" },
    ]);
    await open("/acme/namespaces/company/secrets");
    const alert = await screen.findByText("Flows ask for secrets that nobody has set");
    expect(alert.closest("[role=alert]")?.textContent).toContain("NOPE: load");
    await screen.findByText("No flow");
    expect((await screen.findAllByText(/2 more, settings of company/)).length).toBe(1);
  });

  it("are moved to another place in the settings of the namespace, after it was tried", async () => {
    serve("PUT", ABOVE);
    serve("POST", `${ABOVE}/secrets-backend/test`, { results: [] });
    await open("/acme/namespaces/company/settings");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("combobox", { name: "Where secrets are kept" }));
    await user.click(await screen.findByRole("option", { name: "HashiCorp Vault or OpenBao", hidden: true }));
    await user.type(screen.getByRole("textbox", { name: "Configuration" }), "address: https://vault");
    await user.click(screen.getByRole("button", { name: "Test connection" }));
    const sent = {
      secretType: "vault",
      secretReadOnly: false,
      secretConfiguration: { address: "https://vault" },
    };
    await waitFor(() => expect(requests("POST", `${ABOVE}/secrets-backend/test`)[0]?.json).toEqual(sent));
    const form = screen.getByRole("textbox", { name: "Configuration" }).closest("form") as HTMLElement;
    await user.click(within(form).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(requests("PUT", ABOVE)[0]?.json).toMatchObject(sent));
  });

  it("stay in the dialog with the reason when they are refused", async () => {
    serve("GET", "/api/v1/acme/secrets", { results: [], total: 0 });
    serve("PUT", `${ABOVE}/secrets`, { message: "Too long" }, 422);
    await open("/acme/namespaces/company/secrets");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "New secret" }));
    const dialog = await screen.findByRole("dialog", { name: "New secret" });
    await user.type(within(dialog).getByRole("textbox", { name: /Name/ }), "DB");
    await user.type(within(dialog).getByLabelText(/Value/), "x");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    expect((await within(dialog).findByRole("alert")).textContent).toBe("Too long");
  });
});
