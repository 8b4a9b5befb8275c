/** Reading and making announcements. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { Banner } from "@/api/types";

export const bannersQuery = queryOptions({
  queryKey: ["instance", "banners"],
  queryFn: () => call<Banner[]>(api.GET("/api/v1/banners/search", { params: { query: {} } })),
});

/** What is to be read now; asked again now and then, since it comes and goes by the clock. */
const AGAIN_MS = 60_000;

export function shownQuery(tenant?: string) {
  return queryOptions({
    queryKey: ["banners", tenant ?? ""],
    queryFn: () =>
      tenant === undefined
        ? call<Banner[]>(api.GET("/api/v1/banners/shown"))
        : call<Banner[]>(api.GET("/api/v1/{tenant}/banners/shown", { params: { path: { tenant } } })),
    refetchInterval: AGAIN_MS,
    staleTime: AGAIN_MS,
  });
}

export type Draft = Omit<Banner, "id">;

export function announce(draft: Draft): Promise<Banner> {
  return call(api.POST("/api/v1/banners", { body: draft }));
}

export function changeBanner(id: string, draft: Draft): Promise<Banner> {
  return call(api.PUT("/api/v1/banners/{id}", { params: { path: { id } }, body: draft }));
}

export function deleteBanner(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/banners/{id}", { params: { path: { id } } }));
}
