import { describe, expect, it } from "vitest";
import type { KillSwitch } from "@/api/types";
import { concerns, reachOf, scopeFor, scopeText, standingOf } from "./scope";

const whole: KillSwitch = {
  id: "k",
  name: "outage",
  evaluationType: "KILL",
  startDate: "2030-01-01T00:00:00Z",
  enabled: true,
  deleted: false,
};
const flow = { ...whole, tenantId: "acme", namespace: "prod.data", flowId: "hello" };

describe("the scope of a kill switch", () => {
  it("reaches as far as its narrowest part", () => {
    expect(reachOf(whole)).toBe("Instance");
    expect(reachOf({ ...whole, tenantId: "acme" })).toBe("Tenant");
    expect(reachOf({ ...flow, flowId: undefined })).toBe("Namespace");
    expect(reachOf(flow)).toBe("Flow");
    expect(reachOf({ tenantId: "acme", executionIds: ["e"] })).toBe("Executions");
  });

  it("leaves out what a wider reach does not ask for", () => {
    expect(scopeFor("Instance", flow)).toEqual({});
    expect(scopeFor("Tenant", flow)).toEqual({ tenantId: "acme" });
    expect(scopeFor("Namespace", flow)).toEqual({ tenantId: "acme", namespace: "prod.data" });
  });

  it("is told in words", () => {
    expect(scopeText(whole)).toBe("the whole instance");
    expect(scopeText(flow)).toBe("acme / prod.data / hello");
    expect(scopeText({ tenantId: "acme", executionIds: ["a", "b"] })).toBe("2 executions of acme");
  });
});

describe("where a kill switch stands", () => {
  const at = (text: string) => Date.parse(text);
  it("follows its dates and whether it is enabled", () => {
    expect(standingOf(whole, at("2029-12-31T00:00:00Z"))).toBe("To come");
    expect(standingOf(whole, at("2030-01-01T00:00:00Z"))).toBe("In force");
    const short = { ...whole, endDate: "2030-01-02T00:00:00Z" };
    expect(standingOf(short, at("2030-01-02T00:00:00Z"))).toBe("Over");
    expect(standingOf({ ...short, enabled: false }, at("2030-01-01T00:00:00Z"))).toBe("Disabled");
    expect(standingOf({ ...short, deleted: true }, at("2030-01-01T00:00:00Z"))).toBe("Deleted");
  });
});

describe("whom a kill switch concerns", () => {
  it("is everybody in its tenant, or who works in its namespace", () => {
    expect(concerns(whole, "acme")).toBe(true);
    expect(concerns({ ...whole, tenantId: "globex" }, "acme")).toBe(false);
    expect(concerns(flow, "acme")).toBe(false);
    expect(concerns(flow, "acme", "prod")).toBe(false);
    expect(concerns(flow, "acme", "prod.data")).toBe(true);
    expect(concerns(flow, "acme", "prod.data.raw")).toBe(true);
    expect(concerns(flow, "acme", "prod.database")).toBe(false);
    expect(concerns({ ...whole, evaluationType: "PASS" }, "acme")).toBe(false);
  });
});
