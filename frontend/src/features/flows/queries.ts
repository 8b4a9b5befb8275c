/** Reading and changing flows. */

import { queryOptions } from "@tanstack/react-query";
import { api, call, send } from "@/api/client";
import { jsonOf, stringifyJson } from "@/api/json";
import { type Filter, filtered } from "@/api/query";
import type { Flow, FlowGraph, FlowWithSource, UpgradedFlow, Violation } from "@/api/types";
import { labelMap } from "@/kit/Filters";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import type { Search } from "@/url";

export interface FlowId {
  namespace: string;
  id: string;
}

export function flowFilters({ q, namespace, labels }: Search): Filter[] {
  const filters: Filter[] = [];
  if (q) filters.push({ field: "q", operation: "EQUALS", value: q });
  if (namespace) filters.push({ field: "namespace", operation: "PREFIX", value: namespace });
  if (labels) filters.push({ field: "labels", operation: "EQUALS", value: labelMap(labels) });
  return filters;
}

export function fetchFlows(tenant: string, search: Search, page: number): Promise<PageOf<Flow>> {
  const query = {
    page,
    size: PAGE_SIZE,
    sort: [search.sort ?? "id:asc"],
    filters: filtered(flowFilters(search)),
  };
  return call(api.GET("/api/v1/{tenant}/flows/search", { params: { path: { tenant }, query } }));
}

export function flowQuery(tenant: string, { namespace, id }: FlowId) {
  return queryOptions({
    queryKey: [tenant, "flow", namespace, id],
    queryFn: () =>
      call<FlowWithSource>(
        api.GET("/api/v1/{tenant}/flows/{namespace}/{id}", {
          params: { path: { tenant, namespace, id }, query: { source: true } },
        }),
      ),
  });
}

export function revisionsQuery(tenant: string, { namespace, id }: FlowId) {
  return queryOptions({
    queryKey: [tenant, "flow", namespace, id, "revisions"],
    queryFn: () =>
      call<FlowWithSource[]>(
        api.GET("/api/v1/{tenant}/flows/{namespace}/{id}/revisions", {
          params: { path: { tenant, namespace, id } },
        }),
      ),
  });
}

export function revisionQuery(tenant: string, { namespace, id }: FlowId, revision: number) {
  return queryOptions({
    queryKey: [tenant, "flow", namespace, id, "revision", revision],
    queryFn: () =>
      call<FlowWithSource>(
        api.GET("/api/v1/{tenant}/flows/{namespace}/{id}", {
          params: { path: { tenant, namespace, id }, query: { source: true, revision } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function flowGraphQuery(tenant: string, { namespace, id }: FlowId) {
  return queryOptions({
    queryKey: [tenant, "flow", namespace, id, "graph"],
    queryFn: () =>
      call<FlowGraph>(
        api.GET("/api/v1/{tenant}/flows/{namespace}/{id}/graph", {
          params: { path: { tenant, namespace, id } },
        }),
      ),
  });
}

const YAML = { "Content-Type": "application/x-yaml" };

export async function graphOfSource(
  tenant: string,
  source: string,
  signal?: AbortSignal,
): Promise<FlowGraph> {
  const path = `/api/v1/${encodeURIComponent(tenant)}/flows/graph`;
  const response = await send(path, { method: "POST", headers: YAML, body: source, signal });
  return jsonOf(response);
}

export async function validateFlow(
  tenant: string,
  source: string,
  signal?: AbortSignal,
): Promise<Violation[]> {
  const path = `/api/v1/${encodeURIComponent(tenant)}/flows/validate`;
  const response = await send(path, { method: "POST", headers: YAML, body: source, signal });
  return jsonOf(response);
}

/** The flow in the forms of the present generation; nothing is saved. */
export async function upgradedFlow(
  tenant: string,
  source: string,
  signal?: AbortSignal,
): Promise<UpgradedFlow> {
  const path = `/api/v1/${encodeURIComponent(tenant)}/flows/upgrade`;
  const response = await send(path, { method: "POST", headers: YAML, body: source, signal });
  return jsonOf(response);
}

export async function createFlow(tenant: string, source: string): Promise<FlowWithSource> {
  const path = `/api/v1/${encodeURIComponent(tenant)}/flows`;
  const response = await send(path, { method: "POST", headers: YAML, body: source });
  return jsonOf(response);
}

export async function updateFlow(tenant: string, flow: FlowId, source: string): Promise<FlowWithSource> {
  const [part, namespace, id] = [tenant, flow.namespace, flow.id].map(encodeURIComponent);
  const path = `/api/v1/${part}/flows/${namespace}/${id}`;
  const response = await send(path, { method: "PUT", headers: YAML, body: source });
  return jsonOf(response);
}

export function deleteFlow(tenant: string, { namespace, id }: FlowId): Promise<unknown> {
  const params = { path: { tenant, namespace, id } };
  return call(api.DELETE("/api/v1/{tenant}/flows/{namespace}/{id}", { params }));
}

export type BulkVerb = "enable" | "disable" | "delete";

export async function changeFlows(tenant: string, verb: BulkVerb, flows: FlowId[]): Promise<number> {
  const params = { path: { tenant } };
  const body = flows.map(({ namespace, id }) => ({ namespace, id }));
  const changed =
    verb === "delete"
      ? await call<{ count?: number }>(api.DELETE("/api/v1/{tenant}/flows/delete/by-ids", { params, body }))
      : verb === "enable"
        ? await call<{ count?: number }>(api.POST("/api/v1/{tenant}/flows/enable/by-ids", { params, body }))
        : await call<{ count?: number }>(api.POST("/api/v1/{tenant}/flows/disable/by-ids", { params, body }));
  return changed.count ?? 0;
}

export async function exportFlows(tenant: string, flows: FlowId[]): Promise<Blob> {
  const path = `/api/v1/${encodeURIComponent(tenant)}/flows/export/by-ids`;
  const body = stringifyJson(flows.map(({ namespace, id }) => ({ namespace, id })));
  const response = await send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body,
  });
  return response.blob();
}

export async function importFlows(tenant: string, file: File): Promise<string[]> {
  const form = new FormData();
  form.set("fileUpload", file);
  const path = `/api/v1/${encodeURIComponent(tenant)}/flows/import`;
  const response = await send(path, { method: "POST", body: form });
  return jsonOf(response);
}
