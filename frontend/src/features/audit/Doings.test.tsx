import { beforeEach, describe, expect, it } from "vitest";
import { open, screen, within } from "@/test/open";
import { requests, serve } from "@/test/server";

const SEARCH = "/api/v1/acme/auditlogs/search";
const state = { current: "SUCCESS", histories: [], startDate: "2026-01-01T00:00:00Z" };

function lay(more: object, entries: object[]) {
  serve("GET", "/api/v1/acme/taskruns/e1/overview", {
    ...{ id: "e1", namespace: "company", flowId: "loads", flowRevision: 1, state },
    ...{ taskRuns: { total: 0, states: {}, tasks: [] }, lines: 0 },
    ...more,
  });
  serve("GET", "/api/v1/acme/taskruns/e1", { results: [], total: 0 });
  serve("GET", SEARCH, { results: entries, total: entries.length });
}

function entry(command: string, type: string, user: object, detail: object = {}) {
  const date = "2026-01-01T00:00:00Z";
  return { auditLog: { id: command, type, date, detail: { command, ...detail } }, user };
}

async function byWhom() {
  await open("/acme/executions/e1");
  const heading = await screen.findByRole("heading", { name: "By whom" });
  return within(heading.closest("section") as HTMLElement);
}

beforeEach(() => {
  serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
  serve("GET", "/api/v1/configs");
});

describe("who did it to an execution", () => {
  it("is the trigger that started it, and then the person by a token who killed it", async () => {
    const person = { type: "STANDARD", username: "olga@acme.test" };
    lay({}, [
      entry("kill_execution", "UPDATE", person, { signedInBy: "TOKEN", credential: "tok1" }),
      entry("start_execution", "CREATE", { type: "TRIGGER", username: "company.loads/clock" }),
    ]);
    const part = await byWhom();
    await part.findByText("Start");
    const text = part.getAllByRole("definition").map((each) => each.textContent);
    expect(text[0]).toMatch(/^company\.loads\/clock \(trigger\)/);
    expect(text[1]).toMatch(/^olga@acme\.test \(person, by token tok1\)/);
    expect(part.getAllByRole("term").map((each) => each.textContent)).toEqual(["Start", "Kill"]);
    expect(requests("GET", SEARCH)[0]?.search.get("filters[id][EQUALS]")).toBe("e1");
  });

  it("is the execution that started it, which is a click away", async () => {
    lay({ parentId: "parent1", trigger: { id: "call", type: "x.Subflow" } }, []);
    const part = await byWhom();
    const link = await part.findByRole("link", { name: "parent1" });
    expect(link.getAttribute("href")).toBe("/ui/acme/executions/parent1/overview");
    expect(part.getByText("(execution, by its task call)")).toBeTruthy();
  });

  it("is told of its start also to those who may not read the audit log", async () => {
    lay({ trigger: { id: "clock", type: "x.Schedule" } }, []);
    serve("GET", SEARCH, { message: "no" }, 403);
    const part = await byWhom();
    expect(await part.findByText("clock")).toBeTruthy();
    expect(part.getByText("Only those who may read the audit log see who did more.")).toBeTruthy();
  });
});
