/** Who is signed in, and what the instance is. */

import { queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import { stringifyJson } from "@/api/json";
import type { Configuration, Me, Setup, SignInMethods } from "@/api/types";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => call<Me>(api.GET("/api/v1/me")),
  staleTime: 60_000,
});

export const setupQuery = queryOptions({
  queryKey: ["setup"],
  queryFn: () => call<Setup>(api.GET("/api/v1/setup")),
  staleTime: 60_000,
});

export const configQuery = queryOptions({
  queryKey: ["configs"],
  queryFn: () => call<Configuration>(api.GET("/api/v1/configs")),
  staleTime: 300_000,
});

export function signIn(username: string, password: string): Promise<Response> {
  return send("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: stringifyJson({ username, password }),
  });
}

export function signOut(): Promise<Response> {
  return send("/api/v1/logout", { method: "POST" });
}

export function forgotPassword(username: string): Promise<unknown> {
  return call(api.POST("/api/v1/forgotten-password", { body: { username } }));
}

export function resetPassword(token: string, password: string): Promise<unknown> {
  return call(api.POST("/api/v1/reset-password", { body: { token, password } }));
}

/** Ends acting as somebody else. */
export function stopImpersonating(): Promise<unknown> {
  return call(api.DELETE("/api/v1/me/impersonation"));
}

export const signInMethodsQuery = queryOptions({
  queryKey: ["auths"],
  queryFn: () => call<SignInMethods>(api.GET("/api/v1/auths")),
  staleTime: 300_000,
});

const LAST_TENANT = "orrery.tenant";

export function rememberTenant(tenant: string): void {
  localStorage.setItem(LAST_TENANT, tenant);
}

/** The tenant used last, if it is still one of hers; else the first. */
export function startTenant(me: Me): string | undefined {
  const ids = (me.tenants ?? []).map((tenant) => tenant.id);
  const last = localStorage.getItem(LAST_TENANT);
  return last && ids.includes(last) ? last : ids.find((id) => id !== undefined);
}
