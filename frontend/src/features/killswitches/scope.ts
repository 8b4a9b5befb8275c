/** How far a kill switch reaches, in words and as a person chooses it. */
import type { KillSwitch } from "@/api/types";

export const REACHES = ["Instance", "Tenant", "Namespace", "Flow", "Executions"] as const;
export type Reach = (typeof REACHES)[number];

export const EFFECTS: Record<KillSwitch["evaluationType"], string> = {
  KILL: "Kill what runs, and everything new",
  CANCEL: "Let running tasks end, cancel the rest and everything new",
  IGNORE: "Hold: nothing moves until it is lifted",
  PASS: "Let pass what a wider switch would stop",
};

export type Scope = Pick<KillSwitch, "tenantId" | "namespace" | "flowId" | "executionIds">;

export function reachOf(scope: Scope): Reach {
  if (scope.executionIds?.length) return "Executions";
  if (scope.flowId) return "Flow";
  if (scope.namespace) return "Namespace";
  return scope.tenantId ? "Tenant" : "Instance";
}

/** What of a scope counts for a reach: the narrower parts are left out. */
export function scopeFor(reach: Reach, scope: Scope): Scope {
  if (reach === "Instance") return {};
  const { tenantId, namespace, flowId, executionIds } = scope;
  if (reach === "Tenant") return { tenantId };
  if (reach === "Executions") return { tenantId, executionIds };
  return reach === "Namespace" ? { tenantId, namespace } : { tenantId, namespace, flowId };
}

export function scopeText(scope: Scope): string {
  const { tenantId, namespace, flowId, executionIds } = scope;
  if (executionIds?.length) {
    const count = executionIds.length === 1 ? "1 execution" : `${executionIds.length} executions`;
    return `${count} of ${tenantId}`;
  }
  return [tenantId, namespace, flowId].filter(Boolean).join(" / ") || "the whole instance";
}

export type Standing = "In force" | "To come" | "Over" | "Disabled" | "Deleted";

export function standingOf(killSwitch: KillSwitch, now: number): Standing {
  if (killSwitch.deleted) return "Deleted";
  if (!killSwitch.enabled) return "Disabled";
  if (Date.parse(killSwitch.startDate) > now) return "To come";
  if (killSwitch.endDate && Date.parse(killSwitch.endDate) <= now) return "Over";
  return "In force";
}

/** Whether it concerns what a page of this tenant shows. */
export function concerns(killSwitch: KillSwitch, tenant: string, namespace?: string): boolean {
  if (killSwitch.evaluationType === "PASS") return false;
  if (killSwitch.tenantId && killSwitch.tenantId !== tenant) return false;
  if (!killSwitch.namespace) return true;
  return namespace === killSwitch.namespace || Boolean(namespace?.startsWith(`${killSwitch.namespace}.`));
}
