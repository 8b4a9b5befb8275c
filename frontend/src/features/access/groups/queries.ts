/** Reading and changing groups and who is in them. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { GroupMember, GroupSummary } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export type Membership = "OWNER" | "MEMBER";

export function groupsKey(tenant: string) {
  return [tenant, "access", "groups"];
}

export function fetchGroups(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<GroupSummary>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, sort: ["name:asc"], filters };
  return call(api.GET("/api/v1/{tenant}/groups/search", { params: { path: { tenant }, query } }));
}

export function groupQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [...groupsKey(tenant), id],
    queryFn: () =>
      call<GroupSummary>(api.GET("/api/v1/{tenant}/groups/{id}", { params: { path: { tenant, id } } })),
  });
}

export function fetchGroupMembers(
  tenant: string,
  id: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<GroupMember>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/{tenant}/groups/{id}/members", { params: { path: { tenant, id }, query } }));
}

export interface GroupDraft {
  name: string;
  description: string;
}

export function createGroup(tenant: string, body: GroupDraft): Promise<GroupSummary> {
  return call(api.POST("/api/v1/{tenant}/groups", { params: { path: { tenant } }, body }));
}

export function updateGroup(tenant: string, id: string, body: GroupDraft): Promise<GroupSummary> {
  return call(api.PUT("/api/v1/{tenant}/groups/{id}", { params: { path: { tenant, id } }, body }));
}

export function deleteGroup(tenant: string, id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/{tenant}/groups/{id}", { params: { path: { tenant, id } } }));
}

export function addMember(tenant: string, id: string, userId: string): Promise<GroupMember> {
  const params = { path: { tenant, id, userId } };
  return call(api.PUT("/api/v1/{tenant}/groups/{id}/members/{userId}", { params }));
}

export function removeMember(tenant: string, id: string, userId: string): Promise<unknown> {
  const params = { path: { tenant, id, userId } };
  return call(api.DELETE("/api/v1/{tenant}/groups/{id}/members/{userId}", { params }));
}

export function setMembership(
  tenant: string,
  id: string,
  userId: string,
  membership: Membership,
): Promise<GroupMember> {
  const params = { path: { tenant, id, userId }, query: { membership } };
  return call(api.PUT("/api/v1/{tenant}/groups/{id}/members/membership/{userId}", { params }));
}
