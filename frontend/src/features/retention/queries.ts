/** Reading and writing what is kept how long, trying it, and the runs that carry it out. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { Retention, RetentionKind, RetentionPreview, RetentionRules, RetentionRun } from "@/api/types";

/** A namespace, "" for the whole tenant. */
export interface Place {
  tenant: string;
  namespace: string;
}

const WATCH_MS = 1000;

export const retentionKey = ({ tenant, namespace }: Place) => [tenant, "retention", namespace];

/** Asked again while a run goes on: how far it has come is kept in the database alone. */
export const retentionQuery = (place: Place) =>
  queryOptions({
    queryKey: retentionKey(place),
    queryFn: () =>
      call<Retention>(
        api.GET("/api/v1/{tenant}/retention", {
          params: { path: { tenant: place.tenant }, query: { namespace: place.namespace } },
        }),
      ),
    refetchInterval: ({ state }) => (state.data?.runs.some(isOpen) ? WATCH_MS : false),
  });

export const isOpen = ({ state }: RetentionRun) => state === "RUNNING";

export function saveRetention({ tenant, namespace }: Place, rules: RetentionRules): Promise<unknown> {
  const params = { path: { tenant } };
  if (Object.keys(rules).length > 0)
    return call(api.PUT("/api/v1/{tenant}/retention", { params, body: { namespace, rules } }));
  return call(api.DELETE("/api/v1/{tenant}/retention", { params: { ...params, query: { namespace } } }));
}

export function tryRetention(
  { tenant, namespace }: Place,
  rules?: RetentionRules,
): Promise<RetentionPreview> {
  const body = rules ? { namespace, rules } : { namespace };
  return call(api.POST("/api/v1/{tenant}/retention/preview", { params: { path: { tenant } }, body }));
}

export function runRetention({ tenant, namespace }: Place): Promise<RetentionRun> {
  const params = { path: { tenant } };
  return call(api.POST("/api/v1/{tenant}/retention/runs", { params, body: { namespace } }));
}

export function stopRetention(tenant: string, runId: string): Promise<RetentionRun> {
  const params = { path: { tenant, runId } };
  return call(api.DELETE("/api/v1/{tenant}/retention/runs/{runId}", { params }));
}

export const KINDS: Record<RetentionKind, string> = {
  EXECUTIONS: "Executions",
  LOGS: "Logs",
  METRICS: "Metrics",
  FILES: "Files of executions",
  KV: "Key-value pairs",
  NAMESPACE_FILES: "Old versions of namespace files",
};
export const ALL_KINDS = Object.keys(KINDS) as RetentionKind[];
