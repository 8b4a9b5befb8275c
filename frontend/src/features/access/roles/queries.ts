/** Reading and changing the roles of a tenant. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Role, RoleSummary } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import type { Permissions } from "./matrix";

export function rolesKey(tenant: string) {
  return [tenant, "access", "roles"];
}

export function fetchRoles(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<RoleSummary>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, sort: ["name:asc"], filters };
  return call(api.GET("/api/v1/{tenant}/roles/search", { params: { path: { tenant }, query } }));
}

export function roleQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [...rolesKey(tenant), id],
    queryFn: () => call<Role>(api.GET("/api/v1/{tenant}/roles/{id}", { params: { path: { tenant, id } } })),
  });
}

/** Every resource that a role may name, with the actions that it knows. */
export function catalogueQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "access", "catalogue"],
    queryFn: () =>
      call<Permissions>(api.GET("/api/v1/{tenant}/acls/permissions", { params: { path: { tenant } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The rights of the roles that every tenant has, to start from. */
export function templatesQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "access", "templates"],
    queryFn: () =>
      call<Record<string, Permissions>>(
        api.GET("/api/v1/{tenant}/acls/templates", { params: { path: { tenant } } }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface RoleDraft {
  name: string;
  description: string;
  permissions: Permissions;
  isDefault: boolean;
}

export function createRole(tenant: string, body: RoleDraft): Promise<Role> {
  return call(api.POST("/api/v1/{tenant}/roles", { params: { path: { tenant } }, body }));
}

export function updateRole(tenant: string, id: string, body: RoleDraft): Promise<Role> {
  return call(api.PUT("/api/v1/{tenant}/roles/{id}", { params: { path: { tenant, id } }, body }));
}

export function deleteRole(tenant: string, id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/{tenant}/roles/{id}", { params: { path: { tenant, id } } }));
}
