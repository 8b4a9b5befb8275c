/** Reading and changing the tenants of an instance. */
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Tenant } from "@/api/types";
import type { Choice } from "@/kit/Picker";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export const tenantsKey = ["instance", "tenants"];

export function fetchTenants(q: string | undefined, page: number): Promise<PageOf<Tenant>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  return call(api.GET("/api/v1/tenants/search", { params: { query: { page, size: PAGE_SIZE, filters } } }));
}

export async function findTenants(q: string): Promise<Choice[]> {
  const found = await fetchTenants(q || undefined, 1);
  return found.results.map(({ id, name }) => ({ value: id, label: name }));
}

export function createTenant(id: string, name: string): Promise<Tenant> {
  return call(api.POST("/api/v1/tenants", { body: { id, name } }));
}

export function deleteTenant(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/tenants/{id}", { params: { path: { id } } }));
}
