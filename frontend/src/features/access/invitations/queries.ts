/** Inviting people, and taking an invitation up. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Invitation, OpenInvitation } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export function invitationsKey(tenant: string) {
  return [tenant, "access", "invitations"];
}

export function fetchInvitations(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<Invitation>> {
  const filters = filtered(q ? [{ field: "email", operation: "CONTAINS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/{tenant}/invitations/search", { params: { path: { tenant }, query } }));
}

/** The link itself, for those who could give what it gives; a list does not hold it. */
export async function linkOf(tenant: string, id: string): Promise<string | undefined> {
  const params = { path: { tenant, id } };
  const invitation = await call<Invitation>(api.GET("/api/v1/{tenant}/invitations/{id}", { params }));
  return invitation.link;
}

export interface NewInvitation {
  email: string;
  groups: string[];
  roles: { id: string; namespaces?: string[] }[];
}

export function invite(tenant: string, body: NewInvitation): Promise<Invitation> {
  return call(api.POST("/api/v1/{tenant}/invitations", { params: { path: { tenant } }, body }));
}

/** With a new link and its whole time again. */
export function sendAgain(tenant: string, id: string): Promise<Invitation> {
  const params = { path: { tenant, id } };
  return call(api.POST("/api/v1/{tenant}/invitations/{id}/resend", { params }));
}

export function revokeInvitation(tenant: string, id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/{tenant}/invitations/{id}", { params: { path: { tenant, id } } }));
}

/** For whom the link is and where it leads; refused with the reason when it is used, expired or revoked. */
export function openInvitationQuery(invitationId: string) {
  return queryOptions({
    queryKey: ["invitation", invitationId],
    queryFn: () =>
      call<OpenInvitation>(
        api.GET("/api/v1/invitation/{invitationId}", { params: { path: { invitationId } } }),
      ),
    retry: false,
  });
}

/** Enters the tenant with the account that is signed in. */
export function acceptInvitation(invitationId: string): Promise<unknown> {
  return call(api.POST("/api/v1/invitation/accept/{invitationId}", { params: { path: { invitationId } } }));
}

export interface NewAccount {
  firstName: string;
  lastName: string;
  password: string;
}

/** Makes an account for the address that was invited. */
export function createFromInvitation(invitationId: string, body: NewAccount): Promise<unknown> {
  return call(
    api.POST("/api/v1/invitation/create/{invitationId}", { params: { path: { invitationId } }, body }),
  );
}
