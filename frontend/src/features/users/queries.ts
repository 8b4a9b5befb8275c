/** Reading and changing the accounts of an instance. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Account } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export const usersKey = ["instance", "users"];

export function fetchUsers(q: string | undefined, page: number): Promise<PageOf<Account>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  return call(api.GET("/api/v1/users", { params: { query: { page, size: PAGE_SIZE, filters } } }));
}

export function userQuery(id: string) {
  return queryOptions({
    queryKey: [...usersKey, id],
    queryFn: () => call<Account>(api.GET("/api/v1/users/{id}", { params: { path: { id } } })),
  });
}

export interface UserDraft {
  email: string;
  firstName: string;
  lastName: string;
  password?: string;
  tenants: string[];
}

export function createUser(body: UserDraft): Promise<Account> {
  return call(api.POST("/api/v1/users", { body }));
}

export function deleteUser(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/users/{id}", { params: { path: { id } } }));
}

export function setSuperadmin(id: string, superAdmin: boolean): Promise<unknown> {
  return call(api.PATCH("/api/v1/users/{id}/superadmin", { params: { path: { id } }, body: { superAdmin } }));
}

export function setRestricted(id: string, restricted: boolean): Promise<unknown> {
  return call(api.PATCH("/api/v1/users/{id}/restricted", { params: { path: { id } }, body: { restricted } }));
}

export function setPassword(id: string, password: string): Promise<unknown> {
  return call(api.PATCH("/api/v1/users/{id}/password", { params: { path: { id } }, body: { password } }));
}

export function endSessions(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/users/{id}/refresh-token", { params: { path: { id } } }));
}

/** After too many wrong passwords. */
export function unlock(id: string): Promise<unknown> {
  return call(api.POST("/api/v1/users/{id}/unlock", { params: { path: { id } } }));
}

/** From the next request on this session acts as the user. */
export function impersonate(id: string): Promise<unknown> {
  return call(api.POST("/api/v1/users/{id}/impersonate", { params: { path: { id } } }));
}
