/** Rights as a document: read, compared with what is, and applied. */
import { queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import { parseJson } from "@/api/json";
import type { AccessStep } from "@/api/types";

export function documentQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "access", "document"],
    queryFn: () => call<string>(api.GET("/api/v1/{tenant}/access/export", { params: { path: { tenant } } })),
    staleTime: 0,
  });
}

/** What applying it would change. */
export function planDocument(tenant: string, text: string, prune: boolean): Promise<AccessStep[]> {
  return steps(tenant, "plan", text, prune);
}

/** Makes the rights what the document says; what was changed. */
export function applyDocument(tenant: string, text: string, prune: boolean): Promise<AccessStep[]> {
  return steps(tenant, "apply", text, prune);
}

async function steps(tenant: string, verb: string, body: string, prune: boolean): Promise<AccessStep[]> {
  const path = `/api/v1/${encodeURIComponent(tenant)}/access/${verb}?prune=${prune}`;
  const headers = { "Content-Type": "application/x-yaml" };
  const answer = await send(path, { method: "POST", headers, body });
  return (parseJson(await answer.text()) as { steps: AccessStep[] }).steps;
}
