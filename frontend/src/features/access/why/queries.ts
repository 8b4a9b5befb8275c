/** Asking why somebody may do something, or was refused it. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { ExplainedRefusal, Explanation, RefusedRequest } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export type Kind = "person" | "group" | "account";

export interface Question {
  kind: Kind;
  /** Who; oneself while nobody is named. */
  id: string | undefined;
  /** `FLOW.VIEW` */
  permission: string;
  /** Absent for the whole tenant. */
  namespace: string | undefined;
}

const NAMED = { person: "user", group: "group", account: "serviceAccount" } as const;

export function explanationQuery(tenant: string, { kind, id, permission, namespace }: Question) {
  const query = { permission, namespace, ...(id ? { [NAMED[kind]]: id } : {}) };
  return queryOptions({
    queryKey: [tenant, "access", "why", query],
    queryFn: () =>
      call<Explanation>(api.GET("/api/v1/{tenant}/access/explain", { params: { path: { tenant }, query } })),
  });
}

/** What somebody was told no to, by the reference that they were given. */
export function refusalQuery(tenant: string, reference: string) {
  const params = { path: { tenant, reference } };
  return queryOptions({
    queryKey: [tenant, "access", "refusal", reference],
    queryFn: () =>
      call<ExplainedRefusal>(api.GET("/api/v1/{tenant}/access/refusals/{reference}", { params })),
    retry: false,
  });
}

export function fetchRefusals(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<RefusedRequest>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/{tenant}/access/refusals/search", { params: { path: { tenant }, query } }));
}
