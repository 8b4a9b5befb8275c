import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const ROOT = "/api/v1/acme/triggers";
const NAME = { namespace: "company", flowId: "report", triggerId: "daily" };

function trigger(more: object = {}, document: object = {}) {
  const state = {
    ...NAME,
    type: "io.kestra.plugin.core.trigger.Schedule",
    kind: "SCHEDULE",
    disabled: false,
    disabledInFlow: false,
    locked: false,
    stopAfter: [],
    updatedAt: "2026-01-01T00:00:00Z",
    nextEvaluationDate: "2026-01-02T00:00:00Z",
    ...more,
  };
  return { trigger: { id: state.triggerId, type: state.type, ...document }, state };
}

async function page(...rows: object[]) {
  serve("GET", `${ROOT}/search`, { results: rows, total: rows.length });
  await open("/acme/triggers");
  return userEvent.setup();
}

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
});

describe("the triggers of a tenant", () => {
  it("say how they stand and why they do not fire", async () => {
    await page(
      trigger(),
      trigger({ triggerId: "broken", problem: "The flow cannot be read" }),
      trigger({ triggerId: "held", locked: true, executionId: "1234567890" }),
      trigger({ triggerId: "late", recovered: { from: "a", until: "b", missed: 6, madeUpFor: 1 } }),
    );
    await screen.findByText("The flow cannot be read");
    expect(screen.getByText("waiting")).toBeTruthy();
    expect(screen.getByRole("link", { name: "12345678" })).toBeTruthy();
    expect(screen.getByText("6 dates missed, 1 made up for")).toBeTruthy();
  });

  it("say that a worker looks or listens, and what it said last", async () => {
    const said = [{ at: "2026-01-01T00:00:00Z", level: "INFO", message: "asked the shop" }];
    await page(
      trigger({ triggerId: "hears", kind: "REALTIME", locked: true, evaluationId: "1" }),
      trigger({ triggerId: "asks", kind: "POLLING", locked: true, evaluationId: "2", said }),
      trigger({ triggerId: "fails", kind: "POLLING", problem: "The broker: connection refused" }),
    );
    await screen.findByText("listening");
    expect(screen.getByText("A worker listens for it.")).toBeTruthy();
    expect(screen.getByText("looking")).toBeTruthy();
    expect(screen.getByText("asked the shop")).toBeTruthy();
    expect(screen.getByText("The broker: connection refused")).toBeTruthy();
  });

  it("are told by name when there are none", async () => {
    await page();
    await screen.findByText("No flow has a trigger yet");
  });

  it("are disabled after a question that names them", async () => {
    serve("POST", `${ROOT}/set-disabled/by-triggers`, { operationId: "1", totalItems: 1 });
    const user = await page(trigger());
    await user.click(await screen.findByRole("button", { name: "Actions of daily" }));
    await user.click(await screen.findByText("Disable"));
    const dialog = await screen.findByRole("dialog", { name: "Disable trigger" });
    expect(requests("POST", `${ROOT}/set-disabled/by-triggers`)).toEqual([]);
    await user.click(within(dialog).getByRole("button", { name: "Disable" }));
    await screen.findByText("Disable: 1 trigger");
    const [sent] = requests("POST", `${ROOT}/set-disabled/by-triggers`);
    expect(JSON.parse(sent?.text ?? "")).toEqual({ triggers: [NAME], disabled: true });
  });

  it("run past dates again, and show how far they are", async () => {
    serve("PUT", `${ROOT}/backfill/create`, {});
    const user = await page(trigger());
    await user.click(await screen.findByRole("button", { name: "Actions of daily" }));
    await user.click(await screen.findByText("Backfill"));
    const dialog = await screen.findByRole("dialog", { name: "Backfill daily" });
    await user.type(within(dialog).getByLabelText(/Start/), "2026-01-01T00:00");
    await user.type(within(dialog).getByLabelText("Labels"), "reason:outage");
    await user.click(within(dialog).getByRole("button", { name: "Begin backfill" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    const [sent] = requests("PUT", `${ROOT}/backfill/create`);
    expect(JSON.parse(sent?.text ?? "")).toMatchObject({
      ...NAME,
      backfill: {
        start: new Date("2026-01-01T00:00").toISOString(),
        labels: [{ key: "reason", value: "outage" }],
      },
    });
  });

  it("show how much of a backfill is done", async () => {
    const dates = { start: "2026-01-01T00:00:00Z", end: "2026-01-01T10:00:00Z", inputs: {}, labels: [] };
    await page(trigger({ backfill: { ...dates, currentDate: "2026-01-01T04:00:00Z", paused: true } }));
    await screen.findByText("backfill paused");
    expect(screen.getByText("40 %")).toBeTruthy();
  });

  it("show the address of a webhook, and try it without the session", async () => {
    const type = "io.kestra.plugin.core.trigger.Webhook";
    const address = "/api/v1/acme/executions/webhook/company/report/the-key";
    serve("POST", address, { id: "started" });
    const user = await page(trigger({ triggerId: "hook", type, kind: undefined }, { key: "the-key" }));
    await user.click(await screen.findByRole("button", { name: "Actions of hook" }));
    await user.click(await screen.findByText("Address and test"));
    const dialog = await screen.findByRole("dialog", { name: "Webhook hook" });
    expect(within(dialog).getByText(new RegExp(`${address}$`))).toBeTruthy();
    await user.click(within(dialog).getByRole("button", { name: "Send" }));
    await within(dialog).findByText(/^200: .*started/);
  });
});
