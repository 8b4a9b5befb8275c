import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { asJson, requests, serve } from "@/test/server";

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

  it("are found by their name", async () => {
    serve("GET", "/api/v1/acme/kv", { results: [{ key: "order" }], total: 1 });
    serve("GET", `${ABOVE}/kv/order`, { type: "STRING", value: "123" });
    await open("/acme/namespaces/company/kv");
    const user = userEvent.setup();
    const search = await screen.findByRole("searchbox", { name: "Search key-value pairs" });
    serve("GET", "/api/v1/acme/kv", { results: [], total: 0 });
    await user.type(search, "zz");
    await screen.findByText("No pair has that in its name.");
    const sent = requests("GET", "/api/v1/acme/kv").at(-1);
    expect(sent?.search.get("filters[q][EQUALS]")).toBe("zz");
  });

  it("show those of the namespaces above with where they come from", async () => {
    serve("GET", "/api/v1/acme/namespaces/company.team", { id: "company.team" });
    serve("GET", "/api/v1/acme/kv", { results: [], total: 0 });
    serve("GET", "/api/v1/acme/namespaces/company.team/kv/inheritance", [
      { key: "lent", namespace: "company" },
    ]);
    await open("/acme/namespaces/company.team/kv");
    const table = await screen.findByRole("table", { name: "Inherited key-value pairs" });
    expect(within(table).getByRole("link", { name: "company" })).toHaveProperty(
      "pathname",
      "/ui/acme/namespaces/company/kv",
    );
  });

  it("are edited by a field of their type", async () => {
    known();
    serve("GET", `${ABOVE}/kv/order`, { type: "BOOLEAN", value: true });
    await open("/acme/namespaces/company/kv");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Change order" }));
    const dialog = await screen.findByRole("dialog", { name: "Change order" });
    await user.click(await within(dialog).findByRole("combobox", { name: "Value" }));
    await user.keyboard("{ArrowUp}{Enter}");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(requests("PUT", `${ABOVE}/kv/order`)[0]?.text).toBe("false"));
  });

  function known(expirationDate?: string) {
    serve("GET", "/api/v1/acme/kv", { results: [{ key: "order", expirationDate }], total: 1 });
    serve("PUT", `${ABOVE}/kv/order`);
  }

  async function change() {
    await open("/acme/namespaces/company/kv");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Change order" }));
    const dialog = await screen.findByRole("dialog", { name: "Change order" });
    return { user, dialog, value: await within(dialog).findByRole("textbox", { name: /Value/ }) };
  }

  it("are not sent when nothing was touched", async () => {
    known(new Date(Date.now() + 3_600_000).toISOString());
    serve("GET", `${ABOVE}/kv/order`, { type: "STRING", value: "123" });
    const { user, dialog } = await change();
    expect(within(dialog).getByRole("combobox", { name: "Type" })).toHaveProperty("value", "String");
    expect((within(dialog).getByRole("combobox", { name: "Expires" }) as HTMLInputElement).value).toMatch(
      /^As now/,
    );
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(requests("PUT", `${ABOVE}/kv/order`)).toEqual([]);
  });

  it("keep their type and their end when the value changes", async () => {
    known(new Date(Date.now() + 3_600_000).toISOString());
    serve("GET", `${ABOVE}/kv/order`, { type: "STRING", value: "123" });
    const { user, dialog, value } = await change();
    await user.type(value, "4");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const [sent] = requests("PUT", `${ABOVE}/kv/order`);
    expect(sent?.text).toBe('"1234"');
    expect(sent?.headers.get("ttl")).toMatch(/^PT3[56]\d\d\.\d{3}S$/);
  });

  it("keep every digit of a number, on screen and back", async () => {
    known();
    serve(
      "GET",
      `${ABOVE}/kv/order`,
      asJson('{"type": "JSON", "value": {"id": 7615917337495251231, "rate": 1.50}}'),
    );
    const { user, dialog, value } = await change();
    expect(value.textContent).toBe('{"id":7615917337495251231,"rate":1.50}');
    await user.type(value, " ");
    await user.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(requests("PUT", `${ABOVE}/kv/order`)[0]?.text).toBe('{"id":7615917337495251231,"rate":1.50}');
  });
});
