import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { open, screen, waitFor } from "@/test/open";
import { type Asked, requests, serve } from "@/test/server";

const MANY = 20_000;
const RUNS = "/api/v1/acme/taskruns/e1";
const state = (current: string) => {
  const histories = ["CREATED", "RUNNING", current].map((each, second) => ({
    state: each,
    date: `2026-01-01T00:00:0${second}Z`,
  }));
  return { current, histories, startDate: "2026-01-01T00:00:00Z", endDate: "2026-01-01T00:00:02Z" };
};
const child = (index: number) => ({
  id: `c${index}`,
  taskId: "load",
  value: `item ${index}`,
  parentTaskRunId: "each",
  state: state(index % 1000 ? "SUCCESS" : "FAILED"),
  children: 0,
});

/** A loop of 20,000 that has ended, by the page. */
function runs({ search }: Asked) {
  const [page, size] = [Number(search.get("page")), Number(search.get("size"))];
  if (search.get("top")) {
    const each = { id: "each", taskId: "each", state: state("FAILED"), children: MANY };
    return { results: [each], total: 1 };
  }
  const total = search.get("state") === "FAILED" ? 20 : MANY;
  const first = (page - 1) * size;
  const length = Math.max(0, Math.min(size, total - first));
  return { results: Array.from({ length }, (_, index) => child(first + index)), total };
}

afterEach(() => {
  vi.restoreAllMocks();
});
beforeEach(() => {
  // Nothing has a height here, and a list would have to show all of its rows to fill the screen.
  const tall = new DOMRect(0, 0, 800, 30);
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockReturnValue(tall);
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
  serve("GET", `${RUNS}/overview`, {
    ...{ id: "e1", namespace: "company", flowId: "loads", flowRevision: 1, state: state("FAILED") },
    taskRuns: {
      total: MANY + 1,
      states: { SUCCESS: MANY - 20, FAILED: 21 },
      tasks: [
        { taskId: "each", newest: "each", states: { FAILED: 1 } },
        { taskId: "load", newest: "c9", states: { SUCCESS: MANY - 20, FAILED: 20 } },
      ],
    },
    lines: 40_000,
  });
  serve("GET", RUNS, runs);
  serve("GET", `${RUNS}/c12345`, {
    ...child(12345),
    way: [
      { taskRunId: "each", index: 0 },
      { taskRunId: "c12345", index: 12345 },
    ],
  });
  serve("GET", "/api/v1/acme/outputs/e1/*", { total: "7615917337495251231" });
  serve("GET", "/api/v1/acme/logs/search", ({ search }: Asked) => {
    const [page, size] = [Number(search.get("page")), Number(search.get("size"))];
    const results = Array.from({ length: size }, (_, index) => {
      const seq = (page - 1) * size + index + 1;
      return { executionId: "e1", seq, level: "INFO", message: `line ${seq}`, taskId: "load" };
    });
    return { results, total: 40_000 };
  });
});

function expectLittle() {
  expect(requests("GET", "/api/v1/acme/executions/e1")).toHaveLength(0);
  expect(requests("GET", "/api/v1/acme/logs/e1")).toHaveLength(0);
  expect(requests("GET", "/api/v1/acme/outputs/e1")).toHaveLength(0);
  expect(requests("GET", RUNS).length).toBeLessThan(6);
  for (const { search } of requests("GET", RUNS)) expect(Number(search.get("size"))).toBeLessThanOrEqual(300);
}

describe("an execution of 20,000 task runs", () => {
  it("tells on its overview how many failed, and names some", async () => {
    await open("/acme/executions/e1");
    expect(await screen.findByText("20 tasks failed")).toBeTruthy();
    expectLittle();
  });

  it("is a chart of which only the pages in view are fetched", async () => {
    await open("/acme/executions/e1/gantt");
    const grid = await screen.findByRole("treegrid", { name: "Task runs over time" });
    await screen.findByText("item 3");
    expect(grid.getAttribute("aria-rowcount")).toBe(String(MANY + 1));
    const pages = requests("GET", RUNS).map(({ search }) => search.get("page"));
    expect(new Set(pages)).toEqual(new Set(["1"]));
    expectLittle();
    await userEvent.setup().click(screen.getByRole("button", { name: "Hide what is in each" }));
    await waitFor(() => expect(grid.getAttribute("aria-rowcount")).toBe("1"));
    expect(screen.getByRole("button", { name: "Show 20,000 task runs in each" })).toBeTruthy();
  });

  it("shows the outputs of the one that was chosen", async () => {
    await open("/acme/executions/e1/outputs?run=c12345");
    expect(await screen.findByText("7615917337495251231")).toBeTruthy();
    expect(await screen.findByPlaceholderText("Search 20,000 task runs")).toBeTruthy();
    await userEvent.setup().type(screen.getByRole("textbox", { name: "Search task runs" }), "b");
    await waitFor(() =>
      expect(requests("GET", RUNS).some(({ search }) => search.get("q") === "b")).toBe(true),
    );
    expectLittle();
  });

  it("has a log of which the server looks for what is searched", async () => {
    await open("/acme/executions/e1/logs?q=broken");
    expect(await screen.findByText("40,000 lines")).toBeTruthy();
    const [asked] = requests("GET", "/api/v1/acme/logs/search");
    expect(asked?.search.get("folded")).toBe("true");
    expect(asked?.search.get("filters[q][EQUALS]")).toBe("broken");
    expect(asked?.search.get("filters[executionId][EQUALS]")).toBe("e1");
    expectLittle();
  });
});
