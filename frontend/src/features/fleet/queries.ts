/** Reading and changing the fleet: groups, queues, and the workers that have joined. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { Fleet, Worker, WorkerGroup } from "@/api/types";

/** Heartbeats are not on the feed; they come every few seconds. */
export const HEARTBEAT_MS = 10_000;
export const FLEET_KEY = ["instance", "fleet"];
export const GROUPS_KEY = [...FLEET_KEY, "groups"];

export const fleetQuery = queryOptions({
  queryKey: FLEET_KEY,
  queryFn: () => call<Fleet>(api.GET("/api/v1/instance/fleet")),
  refetchInterval: HEARTBEAT_MS,
});

export const groupsQuery = queryOptions({
  queryKey: GROUPS_KEY,
  queryFn: () => call<{ workerGroups?: WorkerGroup[] }>(api.GET("/api/v1/instance/worker-groups", {})),
});

export const workersQuery = (id: string) =>
  queryOptions({
    queryKey: [...GROUPS_KEY, id, "workers"],
    queryFn: () =>
      call<{ workers?: Worker[] }>(
        api.GET("/api/v1/instance/worker-groups/{id}/workers", { params: { path: { id } } }),
      ),
    refetchInterval: HEARTBEAT_MS,
  });

/** A queue that a group takes jobs of; `percent` of each of its workers is kept for them. */
export interface Edge {
  queue: string;
  percent: number;
  strict: boolean;
}

export interface GroupDraft {
  id: string;
  name: string;
  description: string;
  edges: Edge[];
}

export function saveGroup(draft: GroupDraft, isNew: boolean): Promise<WorkerGroup> {
  const { id, name, description, edges } = draft;
  const subscriptions = edges.map(({ queue, percent, strict }) => ({
    workerQueueId: queue,
    reservedPercent: percent,
    mode: strict ? ("STRICT" as const) : ("ELASTIC" as const),
  }));
  const body = { name: name || id, description, subscriptions };
  return isNew
    ? call(api.POST("/api/v1/instance/worker-groups", { body: { id, ...body } }))
    : call(api.PUT("/api/v1/instance/worker-groups/{id}", { params: { path: { id } }, body }));
}

export function deleteGroup(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/instance/worker-groups/{id}", { params: { path: { id } } }));
}

export interface QueueDraft {
  id: string;
  name: string;
  tags: string[];
  allowedTenants: string[];
}

export function saveQueue(draft: QueueDraft, isNew: boolean): Promise<unknown> {
  return isNew
    ? call(api.POST("/api/v1/instance/worker-queues", { body: draft }))
    : call(
        api.PUT("/api/v1/instance/worker-queues/{id}", { params: { path: { id: draft.id } }, body: draft }),
      );
}

export function deleteQueue(id: string): Promise<unknown> {
  return call(api.DELETE("/api/v1/instance/worker-queues/{id}", { params: { path: { id } } }));
}

export function drainWorker(id: string): Promise<unknown> {
  return call(api.POST("/api/v1/instance/workers/credentials/{id}/drain", { params: { path: { id } } }));
}
