/** Reading and writing policies, of the instance or of a tenant, and how far quotas are used up. */
import { queryOptions } from "@tanstack/react-query";
import { parse, stringify } from "yaml";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Policy, PolicyEvaluation, PolicySummary, QuotaGauge } from "@/api/types";

/** Where policies stand: undefined is the instance. */
export type Place = string | undefined;

const MANY = 200;

export const policiesKey = (place: Place) => ["policies", place ?? "(instance)"];

export const policiesQuery = (place: Place) =>
  queryOptions({
    queryKey: policiesKey(place),
    queryFn: () => {
      const query = { page: 1, size: MANY, filters: filtered([]) };
      return place === undefined
        ? call<{ results: PolicySummary[] }>(
            api.GET("/api/v1/instance/policies/search", { params: { query } }),
          )
        : call<{ results: PolicySummary[] }>(
            api.GET("/api/v1/{tenant}/policies/search", { params: { path: { tenant: place }, query } }),
          );
    },
  });

/** One of the list, wherever it stands. */
export function readPolicy(place: Place, { id, scope, namespace }: PolicySummary): Promise<Policy> {
  if (scope === "NAMESPACE")
    return call(
      api.GET("/api/v1/{tenant}/namespaces/{namespace}/policies/{id}", {
        params: { path: { tenant: place ?? "", namespace: namespace ?? "", id } },
      }),
    );
  if (scope === "TENANT")
    return call(api.GET("/api/v1/{tenant}/policies/{id}", { params: { path: { tenant: place ?? "", id } } }));
  return call(api.GET("/api/v1/instance/policies/{id}", { params: { path: { id }, query: { scope } } }));
}

export function savePolicy(place: Place, namespace: string, policy: Policy, isNew: boolean): Promise<Policy> {
  const { id } = policy;
  if (place === undefined)
    return isNew
      ? call(api.POST("/api/v1/instance/policies", { body: policy }))
      : call(api.PUT("/api/v1/instance/policies/{id}", { params: { path: { id } }, body: policy }));
  if (namespace === "")
    return isNew
      ? call(api.POST("/api/v1/{tenant}/policies", { params: { path: { tenant: place } }, body: policy }))
      : call(
          api.PUT("/api/v1/{tenant}/policies/{id}", {
            params: { path: { tenant: place, id } },
            body: policy,
          }),
        );
  const path = { tenant: place, namespace };
  return isNew
    ? call(api.POST("/api/v1/{tenant}/namespaces/{namespace}/policies", { params: { path }, body: policy }))
    : call(
        api.PUT("/api/v1/{tenant}/namespaces/{namespace}/policies/{id}", {
          params: { path: { ...path, id } },
          body: policy,
        }),
      );
}

export function deletePolicy(place: Place, { id, scope, namespace }: PolicySummary): Promise<unknown> {
  if (scope === "NAMESPACE")
    return call(
      api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/policies/{id}", {
        params: { path: { tenant: place ?? "", namespace: namespace ?? "", id } },
      }),
    );
  if (scope === "TENANT")
    return call(
      api.DELETE("/api/v1/{tenant}/policies/{id}", { params: { path: { tenant: place ?? "", id } } }),
    );
  return call(api.DELETE("/api/v1/instance/policies/{id}", { params: { path: { id } } }));
}

export function evaluatePolicy(
  place: Place,
  { id, scope, namespace }: PolicySummary,
): Promise<PolicyEvaluation> {
  const query = { page: 1, size: 100 };
  if (scope === "NAMESPACE")
    return call(
      api.GET("/api/v1/{tenant}/namespaces/{namespace}/policies/{id}/evaluate", {
        params: { path: { tenant: place ?? "", namespace: namespace ?? "", id }, query },
      }),
    );
  if (scope === "TENANT")
    return call(
      api.GET("/api/v1/{tenant}/policies/{id}/evaluate", {
        params: { path: { tenant: place ?? "", id }, query },
      }),
    );
  return call(
    api.GET("/api/v1/instance/policies/{id}/evaluate", {
      params: { path: { id }, query: { ...query, scope } },
    }),
  );
}

export const quotasQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["quotas", tenant],
    queryFn: () =>
      call<QuotaGauge[]>(api.GET("/api/v1/{tenant}/quota-limits", { params: { path: { tenant } } })),
  });

/** The parts of a policy that its author writes as text. */
export type Written = Pick<Policy, "rules"> & { target?: Policy["target"] };

/** Throws a sentence for a text that is no map. */
export function readWritten(text: string): Written {
  const said: unknown = parse(text);
  if (typeof said !== "object" || said === null || Array.isArray(said))
    throw new Error("Write a map with `rules`.");
  return said as Written;
}

export function asText({ rules, target }: Written): string {
  return stringify(target ? { target, rules } : { rules });
}
