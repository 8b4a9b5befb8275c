/** Finding people, groups, roles and namespaces by what one types, for the fields that ask for them. */
import { api, call } from "@/api/client";
import type { GroupSummary, Member, RoleSummary } from "@/api/types";
import type { Choice } from "@/kit/Picker";

export async function findMembers(tenant: string, q: string): Promise<Choice[]> {
  const params = { path: { tenant } };
  const found = await call<Member[]>(
    api.POST("/api/v1/{tenant}/tenant-access/autocomplete", { params, body: { q } }),
  );
  return found.map(({ id, username, displayName }) => ({ value: id, label: nameOf(displayName, username) }));
}

export async function findGroups(tenant: string, q: string): Promise<Choice[]> {
  const params = { path: { tenant } };
  const found = await call<GroupSummary[]>(
    api.POST("/api/v1/{tenant}/groups/autocomplete", { params, body: { q } }),
  );
  return found.map(({ id, name }) => ({ value: id, label: name }));
}

export async function findRoles(tenant: string, q: string): Promise<Choice[]> {
  const params = { path: { tenant } };
  const found = await call<RoleSummary[]>(
    api.POST("/api/v1/{tenant}/roles/autocomplete", { params, body: { q } }),
  );
  return found.map(({ id, name }) => ({ value: id, label: name }));
}

/** A namespace that is not there yet may be named all the same: rights can stand before flows do. */
export async function findNamespaces(tenant: string, q: string): Promise<Choice[]> {
  const params = { path: { tenant } };
  const found = await call<string[]>(
    api.POST("/api/v1/{tenant}/namespaces/autocomplete", { params, body: { q } }),
  );
  const names = q && !found.includes(q) && /^[\w.-]+$/.test(q) ? [...found, q] : found;
  return names.map((name) => ({ value: name, label: name }));
}

export function nameOf(displayName: string | undefined, username: string): string {
  return displayName && displayName !== username ? `${displayName} (${username})` : username;
}
