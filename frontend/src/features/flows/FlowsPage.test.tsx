import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const flow = {
  id: "orders",
  namespace: "company.sales",
  revision: 2,
  disabled: false,
  deleted: false,
  tasks: [],
};

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("POST", "/api/v1/acme/namespaces/autocomplete", []);
  serve("POST", "/api/v1/acme/executions/latest", []);
  serve("GET", "/api/v1/plugins/schemas/flow");
});

describe("the flows", () => {
  it("offer ways to begin when there are none", async () => {
    serve("GET", "/api/v1/acme/flows/search", { results: [], total: 0 });
    await open("/acme/flows");
    const example = await screen.findByRole("link", { name: /Orders report/ });
    expect(example.getAttribute("href")).toBe("/ui/acme/flows/new?example=orders");
  });

  it("are asked for with the filters of the address", async () => {
    serve("GET", "/api/v1/acme/flows/search", { results: [], total: 0 });
    await open("/acme/flows?namespace=company&labels=team:sales");
    await screen.findByText("No flow matches");
    const [asked] = requests("GET", "/api/v1/acme/flows/search");
    expect(asked?.search.get("filters[namespace][PREFIX]")).toBe("company");
    expect(asked?.search.get("filters[labels][EQUALS][team]")).toBe("sales");
  });
});

describe("executing a flow", () => {
  it("sends labels and inputs, defaults among them, and leads to the execution", async () => {
    const inputs = [
      { id: "name", type: "STRING", defaults: "world" },
      { id: "note", type: "STRING", required: false },
    ];
    serve("GET", "/api/v1/acme/flows/company.sales/orders", { ...flow, inputs, source: "id: orders" });
    serve("GET", "/api/v1/acme/executions/search", { results: [], total: 0 });
    serve("POST", "/api/v1/acme/executions/company.sales/orders/validate", { inputs: [], checks: [] });
    serve("POST", "/api/v1/acme/executions/company.sales/orders", { id: "e1" });
    const { router } = await open("/acme/flows/company.sales/orders");
    const user = userEvent.setup();
    await user.click(await screen.findByRole("button", { name: "Execute" }));
    await user.type(await screen.findByLabelText("note"), "hi");
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Execute" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/acme/executions/e1/gantt"));
    const [sent] = requests("POST", "/api/v1/acme/executions/company.sales/orders");
    expect(sent?.parts).toEqual([
      ["name", "world"],
      ["note", "hi"],
    ]);
  });
});
