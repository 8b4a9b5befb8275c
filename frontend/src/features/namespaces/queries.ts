/** Reading and changing namespaces. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { isStatus } from "@/api/errors";
import { type Filter, filtered } from "@/api/query";
import type { Namespace } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export function fetchNamespaces(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<Namespace>> {
  const filters: Filter[] = q ? [{ field: "q", operation: "EQUALS", value: q }] : [];
  const query = { page, size: PAGE_SIZE, sort: ["id:asc"], filters: filtered(filters) };
  return call(api.GET("/api/v1/{tenant}/namespaces/search", { params: { path: { tenant }, query } }));
}

export function namespaceQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [tenant, "namespace", id],
    queryFn: () =>
      call<Namespace>(api.GET("/api/v1/{tenant}/namespaces/{id}", { params: { path: { tenant, id } } })),
  });
}

export function createNamespace(tenant: string, namespace: Namespace): Promise<Namespace> {
  const body = namespace as never;
  return call(api.POST("/api/v1/{tenant}/namespaces", { params: { path: { tenant } }, body }));
}

function updateNamespace(tenant: string, namespace: Namespace): Promise<Namespace> {
  const body = namespace as never;
  const params = { path: { tenant, id: namespace.id } };
  return call(api.PUT("/api/v1/{tenant}/namespaces/{id}", { params, body }));
}

/** One that exists only because something is in it is created for itself. */
export async function saveNamespace(tenant: string, namespace: Namespace): Promise<Namespace> {
  try {
    return await updateNamespace(tenant, namespace);
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
    return createNamespace(tenant, namespace);
  }
}

export function deleteNamespace(tenant: string, id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/{tenant}/namespaces/{id}", { params: { path: { tenant, id } } }));
}
