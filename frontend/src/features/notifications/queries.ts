/** What one was told. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { Notification } from "@/api/types";

/** Notifications are rare and not on the feed of a tenant; a glance a minute is soon enough. */
const AGAIN_MS = 60_000;

export const unreadQuery = queryOptions({
  queryKey: ["notifications", "unread"],
  queryFn: () => call<number>(api.GET("/api/v1/notifications/unread-count")),
  refetchInterval: AGAIN_MS,
});

export const latestQuery = queryOptions({
  queryKey: ["notifications", "latest"],
  queryFn: () =>
    call<{ notifications: Notification[] }>(
      api.GET("/api/v1/notifications/history", { params: { query: { limit: 20 } } }),
    ),
});

export function markRead(id: string): Promise<unknown> {
  return call(api.POST("/api/v1/notifications/{id}/read", { params: { path: { id } } }));
}

export function markAllRead(): Promise<unknown> {
  return call(api.POST("/api/v1/notifications/read-all"));
}
