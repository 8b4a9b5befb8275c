/** Reading and changing the inputs that flows of a namespace share. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import type { InputBlock } from "@/api/types";
import type { PageOf } from "@/kit/usePages";

export interface Place {
  tenant: string;
  namespace: string;
}

const MOST = 1000;
const keyOf = ({ tenant, namespace }: Place, ...rest: unknown[]) => [
  tenant,
  "namespace",
  namespace,
  "reusable-inputs",
  ...rest,
];

/** Those of the namespace, and those it sees of its parents. */
export function blocksQuery(place: Place) {
  return queryOptions({
    queryKey: keyOf(place),
    queryFn: () =>
      call<PageOf<InputBlock>>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/reusable-inputs", {
          params: { path: place, query: { page: 1, size: MOST } },
        }),
      ),
  });
}

export function blockRevisionsQuery(place: Place, id: string) {
  return queryOptions({
    queryKey: keyOf(place, id, "revisions"),
    queryFn: () =>
      call<InputBlock[]>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/reusable-inputs/{id}/revisions", {
          params: { path: { ...place, id } },
        }),
      ),
  });
}

/** `isNew` refuses to overwrite one that is there. */
export async function saveBlock(place: Place, id: string, source: string, isNew: boolean): Promise<void> {
  const [tenant, namespace, block] = [place.tenant, place.namespace, id].map(encodeURIComponent);
  const address = `/api/v1/${tenant}/namespaces/${namespace}/reusable-inputs/${block}`;
  await send(isNew ? `${address}?failIfExists=true` : address, {
    method: "PUT",
    headers: { "Content-Type": "application/x-yaml" },
    body: source,
  });
}

export function deleteBlock(place: Place, id: string): Promise<unknown> {
  return call(
    api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/reusable-inputs/{id}", {
      params: { path: { ...place, id } },
    }),
  );
}

export function blocksChanged(client: QueryClient, place: Place): Promise<void> {
  return client.invalidateQueries({ queryKey: keyOf(place) });
}
