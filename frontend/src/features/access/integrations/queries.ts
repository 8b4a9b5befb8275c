/** Reading and changing the integrations by which a company's directory pushes people. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { IntegrationCall, NewSecurityIntegration, SecurityIntegration } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";

export type Client = SecurityIntegration["client"];

export interface IntegrationDraft {
  name: string;
  description: string;
  client: Client;
}

export function integrationsKey(tenant: string) {
  return [tenant, "access", "integrations"];
}

export function fetchIntegrations(
  tenant: string,
  q: string | undefined,
  page: number,
): Promise<PageOf<SecurityIntegration>> {
  const filters = filtered(q ? [{ field: "q", operation: "EQUALS", value: q }] : []);
  const query = { page, size: PAGE_SIZE, sort: ["name:asc"], filters };
  return call(
    api.GET("/api/v1/{tenant}/security-integrations/search", { params: { path: { tenant }, query } }),
  );
}

export function integrationQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [...integrationsKey(tenant), id],
    queryFn: () =>
      call<SecurityIntegration>(
        api.GET("/api/v1/{tenant}/security-integrations/{id}", { params: { path: { tenant, id } } }),
      ),
  });
}

export function callsQuery(tenant: string, id: string) {
  return queryOptions({
    queryKey: [...integrationsKey(tenant), id, "calls"],
    queryFn: () =>
      call<{ results: IntegrationCall[] }>(
        api.GET("/api/v1/{tenant}/security-integrations/{id}/calls", { params: { path: { tenant, id } } }),
      ),
  });
}

export function createIntegration(tenant: string, draft: IntegrationDraft): Promise<NewSecurityIntegration> {
  const body = { ...draft, type: "SCIM" as const };
  return call(api.POST("/api/v1/{tenant}/security-integrations", { params: { path: { tenant } }, body }));
}

export function updateIntegration(
  tenant: string,
  id: string,
  body: IntegrationDraft,
): Promise<SecurityIntegration> {
  const params = { path: { tenant, id } };
  return call(api.PATCH("/api/v1/{tenant}/security-integrations/{id}", { params, body }));
}

export function setEnabled(tenant: string, id: string, enabled: boolean): Promise<unknown> {
  const params = { path: { tenant, id } };
  return enabled
    ? call(api.POST("/api/v1/{tenant}/security-integrations/{id}/enable", { params }))
    : call(api.POST("/api/v1/{tenant}/security-integrations/{id}/disable", { params }));
}

/** A new token; the one before opens for the duration `overlap`. */
export function rotateIntegration(
  tenant: string,
  id: string,
  overlap: string,
): Promise<NewSecurityIntegration> {
  const params = { path: { tenant, id } };
  return call(api.POST("/api/v1/{tenant}/security-integrations/{id}/rotate", { params, body: { overlap } }));
}

export function deleteIntegration(tenant: string, id: string): Promise<unknown> {
  return call(
    api.DELETE("/api/v1/{tenant}/security-integrations/{id}", { params: { path: { tenant, id } } }),
  );
}
