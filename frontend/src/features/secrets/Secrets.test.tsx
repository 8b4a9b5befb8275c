import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const ABOVE = "/api/v1/acme/namespaces/company";

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", ABOVE, { id: "company" });
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
