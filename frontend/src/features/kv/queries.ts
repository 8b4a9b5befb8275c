/** Reading and changing the key-value pairs of a namespace. */
import { queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import type { Pair, PairRow } from "@/api/types";
import { ofNamespace } from "@/kit/storeRows";
import type { PageOf } from "@/kit/usePages";

export function pairsQuery(tenant: string, namespace: string) {
  const params = { path: { tenant }, query: ofNamespace(namespace) };
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "kv"],
    queryFn: () => call<PageOf<PairRow>>(api.GET("/api/v1/{tenant}/kv", { params })),
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

export interface PairDraft {
  key: string;
  value: string;
  /** An ISO-8601 duration after which the pair is gone; empty for never. */
  ttl: string;
}

export async function putPair(tenant: string, namespace: string, draft: PairDraft): Promise<void> {
  const parts = [tenant, "namespaces", namespace, "kv", draft.key].map(encodeURIComponent);
  await send(`/api/v1/${parts.join("/")}`, {
    method: "PUT",
    headers: { "Content-Type": "text/plain", ...(draft.ttl ? { ttl: draft.ttl } : {}) },
    body: asJson(draft.value),
  });
}

export function deletePair(tenant: string, namespace: string, key: string): Promise<unknown> {
  const params = { path: { tenant, namespace, key } };
  return call(api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/kv/{key}", { params }));
}

/** Numbers, switches, lists and maps are themselves; any other text is a text. */
export function asJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return JSON.stringify(text);
  }
}
