import { describe, expect, it } from "vitest";
import type { AuditItem } from "@/api/types";
import { detailsOf, exportAddress, filtersOf, kindOf, pairsOf, withPair } from "./entries";

const item = (detail: Record<string, unknown>, type = "STANDARD") =>
  ({ auditLog: { detail }, user: { type, username: "ada" } }) as unknown as AuditItem;

describe("entries", () => {
  it("read details as pairs whose values may hold colons", () => {
    expect(pairsOf("flowId:a,uri:s3://b,broken")).toEqual([
      ["flowId", "a"],
      ["uri", "s3://b"],
    ]);
  });

  it("add a clicked pair once", () => {
    expect(withPair("flowId:a", "namespace", "prod")).toBe("flowId:a,namespace:prod");
    expect(withPair("flowId:a", "flowId", "a")).toBe("flowId:a");
  });

  it("ask for what the address says and for nothing else", () => {
    expect(filtersOf({ action: "DELETE", details: "flowId:a", tab: "entries" })).toEqual([
      { field: "action", operation: "EQUALS", value: "DELETE" },
      { field: "details", operation: "EQUALS", value: { flowId: "a" } },
    ]);
    expect(filtersOf({})).toEqual([]);
  });

  it("are exported as they are filtered", () => {
    expect(exportAddress("acme", { action: "DELETE" }, "ndjson")).toBe(
      "/api/v1/acme/auditlogs/export?format=ndjson&filters%5Baction%5D%5BEQUALS%5D=DELETE",
    );
    expect(exportAddress("acme", {}, "csv")).toBe("/api/v1/acme/auditlogs/export?format=csv");
  });

  it("show what their subject is told by, and how somebody signed in", () => {
    expect(detailsOf(item({ type: "FLOW", flowId: "a", revision: 2, empty: "", list: [1] }))).toEqual([
      ["flowId", "a"],
      ["revision", "2"],
    ]);
    expect(kindOf(item({ signedInBy: "TOKEN" }))).toBe("person, by token");
    expect(kindOf(item({}, "JOB"))).toBe("job");
    expect(kindOf(item({ impersonator: { name: "root" } }))).toBe("person, root acting as them");
  });
});
