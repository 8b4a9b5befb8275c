import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { asJson, requests, serve } from "@/test/server";

const ROOT = "/api/v1/acme/executions";
const number = { id: "number", type: "INT" };
const fresh = { id: "fresh", type: "STRING" };

function flow(revision: number, ...inputs: object[]) {
  return { id: "orders", namespace: "company", revision, inputs, tasks: [], source: "" };
}

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve(
    "GET",
    "/api/v1/acme/taskruns/e1/overview",
    asJson(`{"id": "e1", "namespace": "company", "flowId": "orders", "flowRevision": 1,
      "inputs": {"number": 7615917337495251231}, "state": {"current": "SUCCESS", "histories": []}, "taskRunList": [], "lines": 0}`),
  );
  serve("GET", `${ROOT}/e1/flow`, flow(1, number));
  serve("POST", `${ROOT}/company/orders/validate`, { inputs: [] });
  serve("POST", `${ROOT}/e1/actions/*`, { id: "e2" });
});

async function replay() {
  await open("/acme/executions/e1");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Replay" }));
  const dialog = await screen.findByRole("dialog", { name: "Replay execution" });
  return { user, dialog };
}

describe("a replay", () => {
  it("asks for what a newer revision needs and the execution does not have", async () => {
    serve("GET", "/api/v1/acme/flows/company/orders", flow(2, number, fresh));
    const { user, dialog } = await replay();
    await user.click(await within(dialog).findByRole("radio", { name: "Revision 2, the newest" }));
    const field = await within(dialog).findByRole("textbox", { name: /fresh/ });
    expect(within(dialog).getByRole("textbox", { name: /number/ })).toHaveProperty(
      "value",
      "7615917337495251231",
    );
    await user.type(field, "x");
    await user.click(within(dialog).getByRole("button", { name: "Replay" }));
    await waitFor(() => expect(requests("POST", `${ROOT}/e1/actions/replay-with-inputs`)).toHaveLength(1));
    const [sent] = requests("POST", `${ROOT}/e1/actions/replay-with-inputs`);
    expect(sent?.search.get("revision")).toBe("2");
    expect(sent?.parts).toEqual([
      ["number", "7615917337495251231"],
      ["fresh", "x"],
    ]);
  });

  it("takes the inputs along when nothing is missing", async () => {
    serve("GET", "/api/v1/acme/flows/company/orders", flow(1, number));
    const { user, dialog } = await replay();
    await user.click(await within(dialog).findByRole("button", { name: "Replay" }));
    await waitFor(() => expect(requests("POST", `${ROOT}/e1/actions/replay`)).toHaveLength(1));
  });
});
