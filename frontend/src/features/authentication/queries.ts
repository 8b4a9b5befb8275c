/** Identity providers of a tenant, or of the instance where no tenant is named. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { DirectorySync, IdentityProvider, ProviderSimulation, SignInTest } from "@/api/types";

import type { Pasted } from "./pasted";

/** Whose providers they are: a tenant's, or the instance's. */
export type Owner = string | undefined;

export interface Rule {
  claim: string;
  match: "equals" | "glob" | "any";
  value?: string;
  group: string;
  tenant?: string;
}

export interface ProviderDraft {
  name: string;
  title: string;
  kind: string;
  preset: string;
  settings: Record<string, unknown>;
  /** Absent leaves it as it is. */
  secret?: string;
  rules: Rule[];
  domains: string[];
  enabled: boolean;
}

export function providersKey(owner: Owner) {
  return ["identity-providers", owner ?? ""];
}

export function providersQuery(owner: Owner) {
  return queryOptions({
    queryKey: providersKey(owner),
    queryFn: async () => {
      const asked = owner
        ? api.GET("/api/v1/{tenant}/identity-providers", { params: { path: { tenant: owner } } })
        : api.GET("/api/v1/instance/identity-providers");
      return (await call<{ results: IdentityProvider[] }>(asked)).results;
    },
  });
}

export function saveProvider(owner: Owner, id: string | undefined, body: ProviderDraft) {
  const sent = { ...body, rules: body.rules as unknown as Record<string, unknown>[] };
  if (owner) {
    const path = { tenant: owner };
    return call<IdentityProvider>(
      id
        ? api.PUT("/api/v1/{tenant}/identity-providers/{providerId}", {
            params: { path: { ...path, providerId: id } },
            body: sent,
          })
        : api.POST("/api/v1/{tenant}/identity-providers", { params: { path }, body: sent }),
    );
  }
  return call<IdentityProvider>(
    id
      ? api.PUT("/api/v1/instance/identity-providers/{providerId}", {
          params: { path: { providerId: id } },
          body: sent,
        })
      : api.POST("/api/v1/instance/identity-providers", { body: sent }),
  );
}

export function switchProvider(owner: Owner, id: string, enabled: boolean): Promise<unknown> {
  const path = { tenant: owner ?? "", providerId: id };
  if (owner) {
    return call(
      enabled
        ? api.POST("/api/v1/{tenant}/identity-providers/{providerId}/enable", { params: { path } })
        : api.POST("/api/v1/{tenant}/identity-providers/{providerId}/disable", { params: { path } }),
    );
  }
  const own = { params: { path: { providerId: id } } };
  return call(
    enabled
      ? api.POST("/api/v1/instance/identity-providers/{providerId}/enable", own)
      : api.POST("/api/v1/instance/identity-providers/{providerId}/disable", own),
  );
}

export function deleteProvider(owner: Owner, id: string): Promise<unknown> {
  return call(
    owner
      ? api.DELETE("/api/v1/{tenant}/identity-providers/{providerId}", {
          params: { path: { tenant: owner, providerId: id } },
        })
      : api.DELETE("/api/v1/instance/identity-providers/{providerId}", {
          params: { path: { providerId: id } },
        }),
  );
}

export function testQuery(owner: Owner, id: string) {
  return queryOptions({
    queryKey: [...providersKey(owner), id, "test"],
    queryFn: () =>
      call<SignInTest>(
        owner
          ? api.GET("/api/v1/{tenant}/identity-providers/{providerId}/test", {
              params: { path: { tenant: owner, providerId: id } },
            })
          : api.GET("/api/v1/instance/identity-providers/{providerId}/test", {
              params: { path: { providerId: id } },
            }),
      ),
    retry: false,
  });
}

export function simulate(owner: Owner, id: string, body: Pasted): Promise<ProviderSimulation> {
  return call(
    owner
      ? api.POST("/api/v1/{tenant}/identity-providers/{providerId}/simulate", {
          params: { path: { tenant: owner, providerId: id } },
          body,
        })
      : api.POST("/api/v1/instance/identity-providers/{providerId}/simulate", {
          params: { path: { providerId: id } },
          body,
        }),
  );
}

export function checkDirectory(
  owner: Owner,
  directoryId: string,
  username: string,
  password: string,
): Promise<SignInTest> {
  const body = { username, password };
  return call(
    owner
      ? api.POST("/api/v1/{tenant}/identity-providers/{directoryId}/check", {
          params: { path: { tenant: owner, directoryId } },
          body,
        })
      : api.POST("/api/v1/instance/identity-providers/{directoryId}/check", {
          params: { path: { directoryId } },
          body,
        }),
  );
}

/** Whether a comparison waits or goes on. */
export function isGoing({ state }: { state: string }): boolean {
  return state === "QUEUED" || state === "RUNNING";
}

export function syncsQuery(owner: Owner, directoryId: string) {
  return queryOptions({
    queryKey: [...providersKey(owner), directoryId, "syncs"],
    queryFn: async () => {
      const asked = owner
        ? api.GET("/api/v1/{tenant}/identity-providers/{directoryId}/syncs", {
            params: { path: { tenant: owner, directoryId } },
          })
        : api.GET("/api/v1/instance/identity-providers/{directoryId}/syncs", {
            params: { path: { directoryId } },
          });
      return (await call<{ results: DirectorySync[] }>(asked)).results;
    },
    // A comparison is seldom, and nobody is told of its end.
    refetchInterval: ({ state }) => (state.data?.some(isGoing) ? 1_000 : false),
  });
}

export function syncQuery(owner: Owner, directoryId: string, syncId: string) {
  return queryOptions({
    queryKey: [...providersKey(owner), directoryId, "syncs", syncId],
    queryFn: () =>
      call<DirectorySync>(
        owner
          ? api.GET("/api/v1/{tenant}/identity-providers/{directoryId}/syncs/{syncId}", {
              params: { path: { tenant: owner, directoryId, syncId } },
            })
          : api.GET("/api/v1/instance/identity-providers/{directoryId}/syncs/{syncId}", {
              params: { path: { directoryId, syncId } },
            }),
      ),
  });
}

export function askForSync(
  owner: Owner,
  directoryId: string,
  dryRun: boolean,
  force: boolean,
): Promise<DirectorySync> {
  const body = { dryRun, force };
  return call(
    owner
      ? api.POST("/api/v1/{tenant}/identity-providers/{directoryId}/syncs", {
          params: { path: { tenant: owner, directoryId } },
          body,
        })
      : api.POST("/api/v1/instance/identity-providers/{directoryId}/syncs", {
          params: { path: { directoryId } },
          body,
        }),
  );
}
