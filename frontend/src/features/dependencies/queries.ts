/** Reading which flow leads to which. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { FlowDependencies } from "@/api/types";

export function flowDependenciesQuery(
  tenant: string,
  { namespace, id }: { namespace: string; id: string },
  expandAll: boolean,
) {
  return queryOptions({
    queryKey: [tenant, "flow", namespace, id, "dependencies", expandAll],
    queryFn: () =>
      call<FlowDependencies>(
        api.GET("/api/v1/{tenant}/flows/{namespace}/{id}/dependencies", {
          params: { path: { tenant, namespace, id }, query: { expandAll } },
        }),
      ),
  });
}

export function namespaceDependenciesQuery(tenant: string, namespace: string) {
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "dependencies"],
    queryFn: () =>
      call<FlowDependencies>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/dependencies", {
          params: { path: { tenant, namespace } },
        }),
      ),
  });
}
