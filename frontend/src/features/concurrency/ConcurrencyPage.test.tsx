import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const ROOT = "/api/v1/acme/concurrency-limit";
const WAITING = "1234567890abcdef";

function limit(more: object = {}) {
  return {
    tenantId: "acme",
    namespace: "company",
    flowId: "report",
    running: 2,
    limit: 2,
    behavior: "QUEUE",
    queued: 1,
    ...more,
  };
}

function execution(id: string) {
  const startDate = "2026-01-01T00:00:00Z";
  return {
    tenantId: "acme",
    id,
    namespace: "company",
    flowId: "report",
    flowRevision: 1,
    labels: [],
    originalId: id,
    state: { current: "QUEUED", startDate, histories: [{ state: "QUEUED", date: startDate }] },
  };
}

async function page(...rows: object[]) {
  serve("GET", `${ROOT}/search`, { results: rows, total: rows.length });
  await open("/acme/concurrency");
  return userEvent.setup();
}

async function lookAtWaiting(user: ReturnType<typeof userEvent.setup>) {
  await user.click(await screen.findByRole("button", { name: "1 waiting for report" }));
  return screen.findByRole("dialog", { name: "Waiting for report" });
}

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", "/api/v1/acme/executions/search", { results: [execution(WAITING)], total: 1 });
});

describe("the limits of a tenant's flows", () => {
  it("say how many places are in use, how many wait, and what becomes of one too many", async () => {
    await page(limit(), limit({ flowId: "import", running: 0, limit: 5, queued: 0, behavior: "FAIL" }));
    await screen.findByText("2 of 2");
    expect(screen.getByText("0 of 5")).toBeTruthy();
    expect(screen.getByText("waits")).toBeTruthy();
    expect(screen.getByText("fails")).toBeTruthy();
    expect(
      screen.getByRole("progressbar", { name: "Places of report in use" }).getAttribute("aria-valuenow"),
    ).toBe("100");
  });

  it("are told by name when there are none", async () => {
    await page();
    await screen.findByText("No flow has a limit yet");
  });

  it("show who waits, of this flow alone", async () => {
    const user = await page(limit());
    const dialog = await lookAtWaiting(user);
    await within(dialog).findByRole("link", { name: "12345678" });
    const [asked] = requests("GET", "/api/v1/acme/executions/search");
    expect(asked?.search.get("filters[state][IN]")).toBe("QUEUED");
    expect(asked?.search.get("filters[namespace][EQUALS]")).toBe("company");
    expect(asked?.search.get("filters[flowId][EQUALS]")).toBe("report");
  });

  it("let one run all the same, after a question", async () => {
    const act = `/api/v1/acme/executions/${WAITING}/actions/force-run`;
    serve("POST", act, {});
    const user = await page(limit());
    const dialog = await lookAtWaiting(user);
    await user.click(await within(dialog).findByRole("button", { name: "Force run 12345678" }));
    const question = await screen.findByRole("dialog", { name: "Force run execution" });
    expect(requests("POST", act)).toEqual([]);
    await user.click(within(question).getByRole("button", { name: "Force run" }));
    await screen.findByText("Force run: 12345678");
    expect(requests("POST", act)).toHaveLength(1);
  });

  it("let one leave the queue, after a question", async () => {
    const act = `/api/v1/acme/executions/${WAITING}/actions/unqueue`;
    serve("POST", act, {});
    const user = await page(limit());
    const dialog = await lookAtWaiting(user);
    await user.click(await within(dialog).findByRole("button", { name: "Unqueue 12345678" }));
    const question = await screen.findByRole("dialog", { name: "Unqueue execution" });
    expect(requests("POST", act)).toEqual([]);
    await user.click(within(question).getByRole("button", { name: "Unqueue" }));
    await screen.findByText("Unqueue: 12345678");
    const [sent] = requests("POST", act);
    expect(sent?.search.get("state")).toBe("CANCELLED");
  });

  it("are counted again, after a question", async () => {
    serve("PUT", `${ROOT}/company/report`, limit({ running: 1 }));
    const user = await page(limit());
    await user.click(await screen.findByRole("button", { name: "Count again" }));
    const question = await screen.findByRole("dialog", { name: "Count places again" });
    await user.click(within(question).getByRole("button", { name: "Count again" }));
    await screen.findByText("1 of 2 places of report are in use");
  });
});
