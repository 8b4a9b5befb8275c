/** Reading and changing the key-value pairs of a namespace. */
import { queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import type { Pair, PairRow } from "@/api/types";
import { ofNamespace } from "@/kit/storeRows";
import type { PageOf } from "@/kit/usePages";
import { bodyOf, type PairDraft, ttlOf } from "./values";

/** Those of the namespace itself; with `q` those that have it in their key or description. */
export function pairsQuery(tenant: string, namespace: string, q = "") {
  const params = { path: { tenant }, query: ofNamespace(namespace, q) };
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "kv", ...(q ? [{ q }] : [])],
    queryFn: () => call<PageOf<PairRow>>(api.GET("/api/v1/{tenant}/kv", { params })),
  });
}

/** Those that the namespaces above lend, nearest first. */
export function inheritedPairsQuery(tenant: string, namespace: string) {
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "kv", "inherited pairs"],
    queryFn: () =>
      call<PairRow[]>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/kv/inheritance", {
          params: { path: { tenant, namespace } },
        }),
      ),
  });
}

export function pairQuery(tenant: string, namespace: string, key: string) {
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "kv", key],
    queryFn: () =>
      call<Pair>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/kv/{key}", {
          params: { path: { tenant, namespace, key } },
        }),
      ),
  });
}

export async function putPair(tenant: string, namespace: string, draft: PairDraft): Promise<void> {
  const parts = [tenant, "namespaces", namespace, "kv", draft.key].map(encodeURIComponent);
  const ttl = ttlOf(draft.expiry, Date.now());
  await send(`/api/v1/${parts.join("/")}`, {
    method: "PUT",
    headers: { "Content-Type": "text/plain", ...(ttl ? { ttl } : {}) },
    body: bodyOf(draft),
  });
}

export function deletePair(tenant: string, namespace: string, key: string): Promise<unknown> {
  const params = { path: { tenant, namespace, key } };
  return call(api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/kv/{key}", { params }));
}
