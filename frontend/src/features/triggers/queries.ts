/** Reading triggers, and what can be done to them. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { type Filter, filtered } from "@/api/query";
import type { TriggerRow, TriggerState } from "@/api/types";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import type { Search } from "@/url";

export interface TriggerName {
  namespace: string;
  flowId: string;
  triggerId: string;
}

export const nameOf = ({ state }: TriggerRow): TriggerName => ({
  namespace: state.namespace,
  flowId: state.flowId,
  triggerId: state.triggerId,
});

export const keyOfTrigger = ({ state }: TriggerRow) =>
  `${state.namespace}/${state.flowId}/${state.triggerId}`;

export function triggersKey(tenant: string) {
  return [tenant, "triggers"] as const;
}

export function fetchTriggers(tenant: string, search: Search, page: number): Promise<PageOf<TriggerRow>> {
  const filters: Filter[] = [];
  if (search.q) filters.push({ field: "q", operation: "EQUALS", value: search.q });
  if (search.namespace) filters.push({ field: "namespace", operation: "PREFIX", value: search.namespace });
  if (search.flowId) filters.push({ field: "flowId", operation: "EQUALS", value: search.flowId });
  if (search.state) filters.push({ field: "triggerState", operation: "EQUALS", value: search.state });
  const query = { page, size: PAGE_SIZE, sort: [search.sort ?? "id:asc"], filters: filtered(filters) };
  return call(api.GET("/api/v1/{tenant}/triggers/search", { params: { path: { tenant }, query } }));
}

/** The webhooks and schedules of one flow, with how they stand. */
export function triggersOfFlowQuery(tenant: string, namespace: string, flowId: string) {
  return queryOptions({
    queryKey: [...triggersKey(tenant), "flow", namespace, flowId],
    queryFn: () =>
      call<PageOf<TriggerState>>(
        api.GET("/api/v1/{tenant}/triggers/{namespace}/{flowId}", {
          params: { path: { tenant, namespace, flowId }, query: { size: PAGE_SIZE } },
        }),
      ),
  });
}

export const VERBS = [
  "enable",
  "disable",
  "unlock",
  "restart",
  "pause backfill",
  "resume backfill",
  "delete backfill",
  "reset",
] as const;
export type Verb = (typeof VERBS)[number];

/** What each does, for the question before it. */
export const TOLD: Record<Verb, string> = {
  enable: "It fires again from now on. Dates that passed meanwhile are not made up for.",
  disable: "It fires no more until somebody enables it. What it started goes on.",
  unlock: "It no longer waits for its execution, which goes on beside the next one.",
  restart: "It is looked at again as if it had just come.",
  "pause backfill": "No further date of the backfill runs until it is resumed.",
  "resume backfill": "The backfill goes on with the date it stopped at.",
  "delete backfill": "Its remaining dates do not run. What it started goes on.",
  reset: "Everything but what the flow says is forgotten: its dates, its backfill, and that it was disabled.",
};

export async function act(tenant: string, verb: Verb, names: TriggerName[]): Promise<number> {
  if (verb === "restart") {
    for (const name of names) await restart(tenant, name);
    return names.length;
  }
  const { totalItems } = await actOnMany(tenant, verb, names);
  return totalItems;
}

function restart(tenant: string, { namespace, flowId, triggerId }: TriggerName): Promise<unknown> {
  const params = { path: { tenant, namespace, flowId, triggerId } };
  return call(api.POST("/api/v1/{tenant}/triggers/{namespace}/{flowId}/{triggerId}/restart", { params }));
}

type Accepted = { totalItems: number };

function actOnMany(tenant: string, verb: Exclude<Verb, "restart">, names: TriggerName[]): Promise<Accepted> {
  const to = { params: { path: { tenant } } };
  const body = names;
  switch (verb) {
    case "enable":
    case "disable":
      return call(
        api.POST("/api/v1/{tenant}/triggers/set-disabled/by-triggers", {
          ...to,
          body: { triggers: names, disabled: verb === "disable" },
        }),
      );
    case "unlock":
      return call(api.POST("/api/v1/{tenant}/triggers/unlock/by-triggers", { ...to, body }));
    case "pause backfill":
      return call(api.POST("/api/v1/{tenant}/triggers/backfill/pause/by-triggers", { ...to, body }));
    case "resume backfill":
      return call(api.POST("/api/v1/{tenant}/triggers/backfill/unpause/by-triggers", { ...to, body }));
    case "delete backfill":
      return call(api.POST("/api/v1/{tenant}/triggers/backfill/delete/by-triggers", { ...to, body }));
    case "reset":
      return call(api.DELETE("/api/v1/{tenant}/triggers/delete/by-triggers", { ...to, body }));
  }
}

export interface BackfillDraft {
  start: string;
  end?: string;
  inputs?: Record<string, unknown>;
  labels: { key: string; value: string }[];
}

export function createBackfill(tenant: string, name: TriggerName, draft: BackfillDraft): Promise<unknown> {
  return call(
    api.PUT("/api/v1/{tenant}/triggers/backfill/create", {
      params: { path: { tenant } },
      body: { ...name, backfill: draft },
    }),
  );
}
