/** Reading and changing the service accounts of the instance and of all its tenants. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { ApiToken, InstanceAccount, NewApiToken } from "@/api/types";
import type { TokenDraft } from "@/features/tokens/CreateToken";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export const instanceAccountsKey = ["instance", "service-accounts"];

export function fetchInstanceAccounts(q: string | undefined, page: number): Promise<PageOf<InstanceAccount>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/service-accounts", { params: { query } }));
}

export function instanceAccountQuery(id: string) {
  return queryOptions({
    queryKey: [...instanceAccountsKey, id],
    queryFn: () =>
      call<InstanceAccount>(api.GET("/api/v1/service-accounts/{id}", { params: { path: { id } } })),
  });
}

export interface InstanceAccountDraft {
  name: string;
  description: string;
  tenants: string[];
}

export function createInstanceAccount(body: InstanceAccountDraft): Promise<InstanceAccount> {
  return call(api.POST("/api/v1/service-accounts", { body }));
}

export function setAccountDisabled(id: string, disabled: boolean): Promise<InstanceAccount> {
  const params = { path: { id } };
  return call(api.PATCH("/api/v1/service-accounts/{id}/disabled", { params, body: { disabled } }));
}

export function setAccountSuperadmin(id: string, superAdmin: boolean): Promise<InstanceAccount> {
  const params = { path: { id } };
  return call(api.PATCH("/api/v1/service-accounts/{id}/superadmin", { params, body: { superAdmin } }));
}

export function deleteInstanceAccount(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/service-accounts/{id}", { params: { path: { id } } }));
}

export function instanceTokensQuery(id: string) {
  return queryOptions({
    queryKey: [...instanceAccountsKey, id, "tokens"],
    queryFn: () =>
      call<{ results: ApiToken[] }>(
        api.GET("/api/v1/service-accounts/{id}/api-tokens", { params: { path: { id } } }),
      ),
  });
}

export function createInstanceToken(id: string, body: TokenDraft): Promise<NewApiToken> {
  return call(api.POST("/api/v1/service-accounts/{id}/api-tokens", { params: { path: { id } }, body }));
}

/** A new one; the old one goes on for the duration `overlap`. */
export function rotateInstanceToken(id: string, tokenId: string, overlap: string): Promise<NewApiToken> {
  const params = { path: { id, tokenId } };
  const path = "/api/v1/service-accounts/{id}/api-tokens/{tokenId}/rotate";
  return call(api.POST(path, { params, body: { overlap } }));
}

export function revokeInstanceToken(id: string, tokenId: string): Promise<unknown> {
  const params = { path: { id, tokenId } };
  return call(api.DELETE("/api/v1/service-accounts/{id}/api-tokens/{tokenId}", { params }));
}
