/** Reading and changing who may enter a tenant. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Member, TenantAccess } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export function membersKey(tenant: string) {
  return [tenant, "access", "members"];
}

export function fetchMembers(tenant: string, q: string | undefined, page: number): Promise<PageOf<Member>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/{tenant}/tenant-access", { params: { path: { tenant }, query } }));
}

/** What somebody may do in a tenant, and by what; everybody may read their own. */
export function memberQuery(tenant: string, userId: string) {
  return queryOptions({
    queryKey: [...membersKey(tenant), userId],
    queryFn: () =>
      call<TenantAccess>(
        api.GET("/api/v1/{tenant}/tenant-access/{userId}", { params: { path: { tenant, userId } } }),
      ),
  });
}

export function addByEmail(tenant: string, email: string): Promise<unknown> {
  return call(api.POST("/api/v1/{tenant}/tenant-access", { params: { path: { tenant } }, body: { email } }));
}

export function shutOut(tenant: string, userId: string): Promise<unknown> {
  return call(
    api.DELETE("/api/v1/{tenant}/tenant-access/{userId}", { params: { path: { tenant, userId } } }),
  );
}
