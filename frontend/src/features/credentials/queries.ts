/** Reading, changing and trying credentials: those of a namespace, or of the whole tenant. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Credential, CredentialLevels, CredentialTested } from "@/api/types";
import type { PageOf } from "@/kit/usePages";

const LIST = { page: 1, size: 500, sort: ["name:asc"], filters: filtered([]) };

/** Without a namespace: those of the tenant. */
export function credentialsQuery(tenant: string, namespace?: string) {
  return queryOptions({
    queryKey: [tenant, "credentials", namespace ?? ""],
    queryFn: async () => {
      const page = await (namespace === undefined
        ? call<PageOf<Credential>>(
            api.GET("/api/v1/{tenant}/credentials", { params: { path: { tenant }, query: LIST } }),
          )
        : call<PageOf<Credential>>(
            api.GET("/api/v1/{tenant}/namespaces/{namespace}/credentials", {
              params: { path: { tenant, namespace }, query: LIST },
            }),
          ));
      return { ...page, results: page.results.map((one) => ({ ...one, key: one.name })) };
    },
  });
}

export function inheritedCredentialsQuery(tenant: string, namespace: string) {
  return queryOptions({
    queryKey: [tenant, "credentials", namespace, "inherited"],
    queryFn: () =>
      call<CredentialLevels>(
        api.GET("/api/v1/{tenant}/namespaces/{namespace}/credentials/inherited", {
          params: { path: { tenant, namespace } },
        }),
      ),
  });
}

type Body = Record<string, unknown>;

export function createCredential(tenant: string, namespace: string | undefined, body: Body) {
  if (namespace === undefined)
    return call(api.POST("/api/v1/{tenant}/credentials", { params: { path: { tenant } }, body }));
  const path = { tenant, namespace };
  return call(api.POST("/api/v1/{tenant}/namespaces/{namespace}/credentials", { params: { path }, body }));
}

export function updateCredential(tenant: string, id: string, body: Body) {
  return call(api.PUT("/api/v1/{tenant}/credentials/{id}", { params: { path: { tenant, id } }, body }));
}

export function deleteCredential(tenant: string, id: string) {
  return call(api.DELETE("/api/v1/{tenant}/credentials/{id}", { params: { path: { tenant, id } } }));
}

export function testCredential(tenant: string, id: string) {
  return call<CredentialTested>(
    api.POST("/api/v1/{tenant}/credentials/{id}/test", { params: { path: { tenant, id } } }),
  );
}
