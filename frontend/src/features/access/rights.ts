/** What whoever is signed in may do in a tenant. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { HeldRights } from "@/api/types";
import { wordOf } from "./roles/matrix";

export function rightsQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "access", "rights"],
    queryFn: () =>
      call<HeldRights>(api.GET("/api/v1/{tenant}/access/rights", { params: { path: { tenant } } })),
    staleTime: 30_000,
  });
}

/** Rights that are held within a namespace too; all others are asked for in the whole tenant. */
const WITHIN = new Set(["BINDING.CREATE", "BINDING.DELETE", "INVITATION.CREATE"]);

/** `right` is written `ROLE.CREATE`. */
export function may(rights: HeldRights, right: string): boolean {
  const [resource = "", action = ""] = right.split(".");
  const held = WITHIN.has(right) ? rights.somewhere : rights.everywhere;
  return held[resource]?.includes(action) ?? false;
}

/** Names the right as the table of a role does. */
export function lackOf(right: string): string {
  const [resource = "", action = ""] = right.split(".");
  return `You lack the right ${wordOf(action)} on ${wordOf(resource)} in this tenant`;
}
