/** Flows that limit how many of their executions run at once, who waits, and letting those go on. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { type Filter, filtered } from "@/api/query";
import type { ConcurrencyLimit, ExecutionRow } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import type { Search } from "@/url";

export const keyOfLimit = ({ namespace, flowId }: ConcurrencyLimit) => `${namespace}/${flowId}`;

export function limitsKey(tenant: string) {
  return [tenant, "concurrency"] as const;
}

export function fetchLimits(tenant: string, search: Search, page: number): Promise<PageOf<ConcurrencyLimit>> {
  const filters: Filter[] = [];
  if (search.q) filters.push({ field: "q", operation: "EQUALS", value: search.q });
  if (search.namespace) filters.push({ field: "namespace", operation: "PREFIX", value: search.namespace });
  const query = { page, size: PAGE_SIZE, sort: [search.sort ?? "queued:desc"], filters: filtered(filters) };
  return call(api.GET("/api/v1/{tenant}/concurrency-limit/search", { params: { path: { tenant }, query } }));
}

/** Those that have waited longest, first. */
export function waitingQuery(tenant: string, namespace: string, flowId: string) {
  return queryOptions({
    queryKey: [...limitsKey(tenant), "waiting", namespace, flowId],
    queryFn: () => {
      const filters: Filter[] = [
        { field: "namespace", operation: "EQUALS", value: namespace },
        { field: "flowId", operation: "EQUALS", value: flowId },
        { field: "state", operation: "IN", value: ["QUEUED"] },
      ];
      const query = { size: PAGE_SIZE, sort: ["state.startDate:asc"], filters: filtered(filters) };
      return call<PageOf<ExecutionRow>>(
        api.GET("/api/v1/{tenant}/executions/search", { params: { path: { tenant }, query } }),
      );
    },
  });
}

/** Lets a place go that nothing holds any more, and gives free ones to those that wait. */
export function mend(tenant: string, { namespace, flowId }: ConcurrencyLimit): Promise<ConcurrencyLimit> {
  return call(
    api.PUT("/api/v1/{tenant}/concurrency-limit/{namespace}/{flowId}", {
      params: { path: { tenant, namespace, flowId } },
      body: {},
    }),
  );
}
