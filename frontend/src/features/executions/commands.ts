/** Changing executions: one, several, or all that a search finds. */

import { api, call, send } from "@/api/client";
import { jsonOf, stringifyJson } from "@/api/json";
import { filtersToSearch, querySerializer } from "@/api/query";
import type { Label, StateType } from "@/api/types";
import type { Search } from "@/url";
import { executionFilters } from "./queries";

interface Target {
  tenant: string;
  executionId: string;
}

const params = ({ tenant, executionId }: Target) => ({ path: { tenant, executionId } });

/** The page is told by the feed what became of an execution: the answer need not show all its task runs. */
const headers = { Prefer: "return=minimal" };

export const kill = (target: Target) =>
  call(
    api.DELETE("/api/v1/{tenant}/executions/{executionId}/actions/kill", { headers, params: params(target) }),
  );

export const restart = (target: Target) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/restart", {
      headers,
      params: params(target),
    }),
  );

/** Starts the same again as a new execution; from `taskRunId` on, if given, with what came before taken over. */
export async function replay({ tenant, executionId }: Target, how: Replay = {}): Promise<{ id: string }> {
  const { form, ...query } = how;
  const [part, id] = [tenant, executionId].map(encodeURIComponent);
  const action = form ? "replay-with-inputs" : "replay";
  const path = `/api/v1/${part}/executions/${id}/actions/${action}?${querySerializer(query)}`;
  return jsonOf(await send(path, { method: "POST", headers, body: form }));
}

interface Replay {
  taskRunId?: string;
  /** Of the flow; that of the execution unless given. */
  revision?: number;
  /** Other inputs than the execution had. */
  form?: Blob;
}

export const pause = (target: Target) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/pause", { headers, params: params(target) }),
  );

export const forceRun = (target: Target) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/force-run", {
      headers,
      params: params(target),
    }),
  );

/** Takes it out of the queue of its flow: it ends in this state, or runs at once. */
export const unqueue = (target: Target, state: StateType) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/unqueue", {
      headers,
      params: { ...params(target), query: { state } },
    }),
  );

export const goOnFromBreakpoint = (target: Target) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/resume-from-breakpoint", {
      headers,
      params: params(target),
    }),
  );

export const setLabels = (target: Target, labels: Label[]) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/labels", {
      headers,
      params: params(target),
      body: labels,
    }),
  );

export const changeStatus = (target: Target, status: StateType) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/change-status", {
      headers,
      params: { ...params(target), query: { status } },
    }),
  );

export const setTaskRunState = (target: Target, taskRunId: string, state: StateType) =>
  call(
    api.POST("/api/v1/{tenant}/executions/{executionId}/actions/state", {
      headers,
      params: params(target),
      body: { taskRunId, state },
    }),
  );

export const remove = (target: Target) =>
  call(api.DELETE("/api/v1/{tenant}/executions/{executionId}", { headers, params: params(target) }));

export function resume({ tenant, executionId }: Target, form?: Blob): Promise<Response> {
  const [part, id] = [tenant, executionId].map(encodeURIComponent);
  return send(`/api/v1/${part}/executions/${id}/actions/resume`, { method: "POST", headers, body: form });
}

export type BulkVerb = "kill" | "restart" | "replay" | "pause" | "resume" | "force-run" | "delete";

/** Which executions a bulk action means: those listed, or all that the search finds. */
export type Chosen = { ids: string[] } | { search: Search };

/** Returns how many executions the action was accepted for. */
export async function bulk(tenant: string, verb: BulkVerb, chosen: Chosen): Promise<number> {
  const method = verb === "kill" || verb === "delete" ? "DELETE" : "POST";
  const address = addressOf(tenant, verb === "delete" ? "" : `/${verb}`, chosen);
  return accepted(await send(address, { method, ...("ids" in chosen ? jsonBody(chosen.ids) : {}) }));
}

export async function bulkStatus(tenant: string, status: StateType, chosen: Chosen): Promise<number> {
  const address = addressOf(tenant, "/change-status", chosen, `newStatus=${status}`);
  return accepted(await send(address, { method: "POST", ...("ids" in chosen ? jsonBody(chosen.ids) : {}) }));
}

export async function bulkLabels(tenant: string, labels: Label[], chosen: Chosen): Promise<number> {
  const body = "ids" in chosen ? { executionsId: chosen.ids, executionLabels: labels } : labels;
  return accepted(await send(addressOf(tenant, "/labels", chosen), { method: "POST", ...jsonBody(body) }));
}

function addressOf(tenant: string, action: string, chosen: Chosen, asked = ""): string {
  const root = `/api/v1/${encodeURIComponent(tenant)}/executions${action}`;
  if ("ids" in chosen) return `${root}/by-ids${asked && `?${asked}`}`;
  const parts = [asked, filtersToSearch(executionFilters(chosen.search))].filter(Boolean);
  return `${root}/by-query?${parts.join("&")}`;
}

async function accepted(response: Response): Promise<number> {
  const answer = await jsonOf<{ count?: number; totalItems?: number }>(response);
  return answer.count ?? answer.totalItems ?? 0;
}

function jsonBody(body: unknown): RequestInit {
  return { headers: { "Content-Type": "application/json" }, body: stringifyJson(body) };
}
