/** Reading and changing the secrets of a namespace. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { SecretRow } from "@/api/types";
import { ofNamespace } from "@/kit/storeRows";
import type { PageOf } from "@/kit/usePages";

export function secretsQuery(tenant: string, namespace: string) {
  const params = { path: { tenant }, query: ofNamespace(namespace) };
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "secrets"],
    queryFn: () =>
      call<PageOf<SecretRow> & { readOnly?: boolean }>(api.GET("/api/v1/{tenant}/secrets", { params })),
  });
}

/** The keys that the namespaces above lend, by namespace. */
export function inheritedSecretsQuery(tenant: string, namespace: string) {
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "secrets", "inherited"],
    queryFn: () =>
      call<Record<string, string[]>>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/inherited-secrets", {
          params: { path: { tenant, namespace } },
        }),
      ),
  });
}

export interface SecretDraft {
  key: string;
  value: string;
  description: string;
}

export function putSecret(tenant: string, namespace: string, secret: SecretDraft): Promise<unknown> {
  const body = { ...secret, tags: [] } as never;
  const params = { path: { tenant, namespace } };
  return call(api.PUT("/api/v1/{tenant}/namespaces/{namespace}/secrets", { params, body }));
}

export function deleteSecret(tenant: string, namespace: string, key: string): Promise<unknown> {
  const params = { path: { tenant, namespace, key } };
  return call(api.DELETE("/api/v1/{tenant}/namespaces/{namespace}/secrets/{key}", { params }));
}

/** Where the secrets of a namespace are kept, and how that place did when it was asked last. */
export interface SecretsPlaceFacts {
  type: string;
  level: "instance" | "tenant" | "namespace";
  saidBy: string;
  readOnly: boolean;
  state: "ok" | "failing" | "unknown";
  message?: string;
}

export function secretsPlaceQuery(tenant: string, namespace: string) {
  const params = { path: { tenant, namespace } };
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "secrets", "place"],
    queryFn: () =>
      call<SecretsPlaceFacts>(api.GET("/api/v1/{tenant}/namespaces/{namespace}/secrets-backend", { params })),
  });
}

export interface Proposal {
  secretType?: string;
  secretReadOnly?: boolean;
  secretConfiguration?: Record<string, unknown>;
}

export interface TriedAct {
  act: "read" | "list" | "write" | "delete";
  outcome: "works" | "refused" | "failed" | "leftOut";
  message: string;
}

export function trySecrets(
  tenant: string,
  namespace: string,
  proposal: Proposal,
): Promise<{ results: TriedAct[] }> {
  const params = { path: { tenant, namespace } };
  return call(
    api.POST("/api/v1/{tenant}/namespaces/{namespace}/secrets-backend/test", {
      params,
      body: proposal as never,
    }),
  );
}

/** Who names a secret, and when a job read it last. */
export interface SecretUsage {
  key: string;
  namespace: string;
  state: "used" | "unused" | "missing" | "unknown";
  flows: { namespace: string; id: string }[];
  otherFlows: number;
  settings: string[];
  lastRead?: { date: string; executionId: string; flow: string };
}

export function secretUsageQuery(tenant: string, namespace: string) {
  const params = { path: { tenant, namespace } };
  return queryOptions({
    queryKey: [tenant, "namespace", namespace, "secrets", "usage"],
    queryFn: () =>
      call<SecretUsage[]>(api.GET("/api/v1/{tenant}/namespaces/{namespace}/secrets-usage", { params })),
  });
}
