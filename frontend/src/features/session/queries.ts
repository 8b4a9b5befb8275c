/** Who is signed in, and what the instance is. */

import { queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import { parseJson, stringifyJson } from "@/api/json";
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

/** The directories of a tenant are asked, too, where its page of sign-in is shown. */
export function signIn(username: string, password: string, tenant?: string): Promise<Response> {
  return send("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: stringifyJson({ username, password, tenant }),
  });
}

/** Ends the session; where the provider's own session ends, for the browser to go to. */
export async function signOut(): Promise<string | undefined> {
  const response = await send("/api/v1/logout", { method: "POST" });
  const told = parseJson(await response.text()) as { redirect?: string };
  return told.redirect;
}

/** Where whoever has this address signs in, if anything is said of its domain. */
export function lookUp(email: string): Promise<{ loginUri: string; title: string }> {
  return call(api.POST("/api/v1/auths/lookup", { body: { email } }));
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

/** Of the instance, and of a tenant whose page of sign-in it is. */
export function signInMethodsQuery(tenant?: string) {
  return queryOptions({
    queryKey: ["auths", tenant ?? ""],
    queryFn: () => call<SignInMethods>(api.GET("/api/v1/auths", { params: { query: { of: tenant } } })),
    staleTime: 60_000,
  });
}

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
