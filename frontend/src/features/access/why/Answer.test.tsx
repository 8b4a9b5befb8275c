import { describe, expect, it } from "vitest";
import { open, screen, waitFor, within } from "@/test/open";
import { serve } from "@/test/server";

const ROOT = "/api/v1/acme/access/refusals";

describe("the answer to why", () => {
  it("names the nearest bindings of a refusal and what each lacks", async () => {
    serve("GET", "/api/v1/me", { superAdmin: false, profile: {}, tenants: [{ id: "acme", name: "Acme" }] });
    serve("GET", "/api/v1/configs");
    serve("GET", "/api/v1/acme/acls/permissions", { FLOW: ["VIEW"] });
    serve("GET", `${ROOT}/search`, { results: [], total: 0 });
    serve("GET", `${ROOT}/r1`, {
      reference: "r1",
      at: "2026-01-01T00:00:00Z",
      actor: { kind: "USER", id: "u", name: "dora@acme.test" },
      method: "POST",
      path: "/api/v1/acme/flows",
      message: "No",
      explanation: {
        subject: { kind: "USER", id: "u", name: "dora@acme.test" },
        permission: "FLOW.CREATE",
        namespace: "company.sales",
        allowed: false,
        reason: "No binding allows it.",
        chain: [],
        nearest: [
          {
            bindingId: "b",
            role: { id: "r", name: "Viewer" },
            group: { id: "g", name: "Data" },
            lacks: ["the role Viewer does not hold FLOW.CREATE"],
          },
        ],
      },
    });
    await open("/acme/access/why?reference=r1");
    const answer = within(await screen.findByRole("region", { name: "Answer" }));
    expect(answer.getByText("Not allowed")).toBeTruthy();
    expect(answer.getByText("the role Viewer does not hold FLOW.CREATE")).toBeTruthy();
    await waitFor(() => expect(answer.getByRole("link", { name: "group Data" })).toBeTruthy());
  });
});
