/** Reading, giving and taking away roles. */
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Binding } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export function bindingsKey(tenant: string) {
  return [tenant, "access", "bindings"];
}

interface Wanted {
  q?: string;
  /** Of a user, a group or a service account. */
  holder?: string;
}

export function fetchBindings(tenant: string, { q, holder }: Wanted, page: number): Promise<PageOf<Binding>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters, ...(holder ? { id: holder } : {}) };
  return call(api.GET("/api/v1/{tenant}/bindings/search", { params: { path: { tenant }, query } }));
}

export interface NewBinding {
  type: "USER" | "GROUP";
  externalId: string;
  roleId: string;
  /** Absent for the whole tenant. */
  namespaceId?: string;
}

export function createBindings(tenant: string, body: NewBinding[]): Promise<Binding[]> {
  return call(api.POST("/api/v1/{tenant}/bindings/bulk", { params: { path: { tenant } }, body }));
}

export function deleteBinding(tenant: string, id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/{tenant}/bindings/{id}", { params: { path: { tenant, id } } }));
}
