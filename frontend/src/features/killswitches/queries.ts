/** Reading, throwing and lifting kill switches. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { KillSwitch } from "@/api/types";

export const killSwitchesQuery = queryOptions({
  queryKey: ["instance", "kill-switches"],
  queryFn: () => call<KillSwitch[]>(api.GET("/api/v1/kill-switches/search")),
});

/** What a person says of a switch; the server fills in the rest. */
export type Draft = Omit<KillSwitch, "id" | "deleted">;

export function throwSwitch(draft: Draft): Promise<KillSwitch> {
  return call(api.POST("/api/v1/kill-switches", { body: draft }));
}

export function changeSwitch(id: string, draft: Draft): Promise<KillSwitch> {
  return call(api.PUT("/api/v1/kill-switches/{id}", { params: { path: { id } }, body: draft }));
}

export function liftSwitch(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/kill-switches/{id}", { params: { path: { id } } }));
}
