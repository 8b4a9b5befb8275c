/** Reading and changing service accounts and their tokens. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { AccountRow, ApiToken, NewApiToken, ServiceAccount } from "@/api/types";
import type { TokenDraft } from "@/features/tokens/CreateToken";
import type { Choice } from "@/kit/Picker";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export interface AccountDraft {
  name: string;
  description: string;
  groups: { id: string }[];
}

export function accountsKey(tenant: string) {
  return [tenant, "access", "accounts"];
}

export function fetchAccounts(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<AccountRow>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, filters };
  return call(api.GET("/api/v1/{tenant}/service-accounts", { params: { path: { tenant }, query } }));
}

export async function findAccounts(tenant: string, q: string): Promise<Choice[]> {
  const found = await fetchAccounts(tenant, q || undefined, 1);
  return found.results.map(({ id, username }) => ({ value: id, label: username }));
}

export function accountQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [...accountsKey(tenant), id],
    queryFn: () =>
      call<ServiceAccount>(
        api.GET("/api/v1/{tenant}/service-accounts/{id}", { params: { path: { tenant, id } } }),
      ),
  });
}

export function createAccount(tenant: string, body: AccountDraft): Promise<ServiceAccount> {
  return call(api.POST("/api/v1/{tenant}/service-accounts", { params: { path: { tenant } }, body }));
}

export function updateAccount(tenant: string, id: string, body: AccountDraft): Promise<ServiceAccount> {
  const params = { path: { tenant, id } };
  return call(api.PUT("/api/v1/{tenant}/service-accounts/{id}", { params, body }));
}

export function setDisabled(tenant: string, id: string, disabled: boolean): Promise<ServiceAccount> {
  const params = { path: { tenant, id } };
  const body = { disabled };
  return call(api.PATCH("/api/v1/{tenant}/service-accounts/{id}/disabled", { params, body }));
}

export function deleteAccount(tenant: string, id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/{tenant}/service-accounts/{id}", { params: { path: { tenant, id } } }));
}

export function tokensQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [...accountsKey(tenant), id, "tokens"],
    queryFn: () =>
      call<{ results: ApiToken[] }>(
        api.GET("/api/v1/{tenant}/service-accounts/{id}/api-tokens", { params: { path: { tenant, id } } }),
      ),
  });
}

export function createToken(tenant: string, id: string, body: TokenDraft): Promise<NewApiToken> {
  const params = { path: { tenant, id } };
  return call(api.POST("/api/v1/{tenant}/service-accounts/{id}/api-tokens", { params, body }));
}

/** A new one; the old one goes on for the duration `overlap`. */
export function rotateToken(
  tenant: string,
  id: string,
  tokenId: string,
  overlap: string,
): Promise<NewApiToken> {
  const params = { path: { tenant, id, tokenId } };
  const path = "/api/v1/{tenant}/service-accounts/{id}/api-tokens/{tokenId}/rotate";
  return call(api.POST(path, { params, body: { overlap } }));
}

export function revokeToken(tenant: string, id: string, tokenId: string): Promise<unknown> {
  const params = { path: { tenant, id, tokenId } };
  return call(api.DELETE("/api/v1/{tenant}/service-accounts/{id}/api-tokens/{tokenId}", { params }));
}
