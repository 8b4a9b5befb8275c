/** Reading executions. */
import { queryOptions } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { type Filter, filtered } from "@/api/query";
import type {
  Execution,
  ExecutionRow,
  FlowGraph,
  FlowWithSource,
  LastExecution,
  Metric,
  OutputInfo,
} from "@/api/types";
import { labelMap } from "@/kit/Filters";
import { PAGE_SIZE, type PageOf } from "@/kit/usePages";
import type { Search } from "@/url";

export function executionFilters(search: Search): Filter[] {
  const filters: Filter[] = [];
  if (search.q) filters.push({ field: "q", operation: "EQUALS", value: search.q });
  if (search.state) filters.push({ field: "state", operation: "IN", value: search.state.split(",") });
  if (search.namespace) filters.push({ field: "namespace", operation: "PREFIX", value: search.namespace });
  if (search.flowId) filters.push({ field: "flowId", operation: "EQUALS", value: search.flowId });
  if (search.labels) filters.push({ field: "labels", operation: "EQUALS", value: labelMap(search.labels) });
  if (search.range) filters.push({ field: "timeRange", operation: "EQUALS", value: search.range });
  const { from, to } = search;
  if (from) filters.push({ field: "startDate", operation: "GREATER_THAN_OR_EQUAL_TO", value: moment(from) });
  if (to) filters.push({ field: "startDate", operation: "LESS_THAN", value: moment(to) });
  return filters;
}

/** Addresses hold milliseconds, so that they need no escaping. */
function moment(milliseconds: string): string {
  return new Date(Number(milliseconds) || 0).toISOString();
}

export function executionsKey(tenant: string, search: Search) {
  return [tenant, "executions", search] as const;
}

export function fetchExecutions(
  tenant: string,
  search: Search,
  page: number,
  size = PAGE_SIZE,
): Promise<PageOf<ExecutionRow>> {
  const query = {
    page,
    size,
    sort: [search.sort ?? "state.startDate:desc"],
    filters: filtered(executionFilters(search)),
  };
  return call(api.GET("/api/v1/{tenant}/executions/search", { params: { path: { tenant }, query } }));
}

export function latestQuery(tenant: string, flows: { namespace: string; id: string }[]) {
  const body = flows.map(({ namespace, id }) => ({ namespace, id }));
  return queryOptions({
    queryKey: [tenant, "executions", "latest", body],
    queryFn: () =>
      call<LastExecution[]>(
        api.POST("/api/v1/{tenant}/executions/latest", { params: { path: { tenant } }, body }),
      ),
    enabled: body.length > 0,
  });
}

export function executionKey(tenant: string, executionId: string) {
  return [tenant, "execution", executionId] as const;
}

export function executionQuery(tenant: string, executionId: string) {
  return queryOptions({
    queryKey: executionKey(tenant, executionId),
    queryFn: () =>
      call<Execution>(
        api.GET("/api/v1/{tenant}/taskruns/{executionId}/overview", {
          params: { path: { tenant, executionId } },
        }),
      ),
  });
}

/** The flow in the revision that the execution runs, as far as one who may see the execution may see it. */
export function flowOfExecutionQuery(tenant: string, executionId: string) {
  return queryOptions({
    queryKey: [...executionKey(tenant, executionId), "flow"],
    queryFn: () =>
      call<FlowWithSource>(
        api.GET("/api/v1/{tenant}/executions/{executionId}/flow", {
          params: { path: { tenant, executionId } },
        }),
      ),
    staleTime: 60_000,
  });
}

export function executionGraphQuery(tenant: string, executionId: string) {
  return queryOptions({
    queryKey: [...executionKey(tenant, executionId), "graph"],
    queryFn: () =>
      call<FlowGraph>(
        api.GET("/api/v1/{tenant}/executions/{executionId}/graph", {
          params: { path: { tenant, executionId } },
        }),
      ),
  });
}

export function outputsQuery(tenant: string, executionId: string) {
  return queryOptions({
    queryKey: [...executionKey(tenant, executionId), "outputs"],
    queryFn: () =>
      call<OutputInfo[]>(
        api.GET("/api/v1/{tenant}/outputs/{executionId}", { params: { path: { tenant, executionId } } }),
      ),
  });
}

export function taskRunOutputsQuery(tenant: string, executionId: string, taskRunId: string) {
  return queryOptions({
    queryKey: [...executionKey(tenant, executionId), "outputs", taskRunId],
    queryFn: () =>
      call<Record<string, unknown>>(
        api.GET("/api/v1/{tenant}/outputs/{executionId}/{taskRunId}", {
          params: { path: { tenant, executionId, taskRunId } },
        }),
      ),
  });
}

export function fetchMetrics(tenant: string, executionId: string, page: number): Promise<PageOf<Metric>> {
  return call(
    api.GET("/api/v1/{tenant}/metrics/{executionId}", {
      params: { path: { tenant, executionId }, query: { page, size: PAGE_SIZE, sort: ["timestamp:asc"] } },
    }),
  );
}

/** The address of a file of an execution, for the browser to fetch itself. */
export function fileAddress(tenant: string, executionId: string, uri: string): string {
  const [tenantPart, id] = [tenant, executionId].map(encodeURIComponent);
  return `/api/v1/${tenantPart}/executions/${id}/file?path=${encodeURIComponent(uri)}`;
}

export interface FilePreview {
  type?: string;
  extension?: string;
  content?: unknown;
  truncated?: boolean;
}

export function previewQuery(tenant: string, executionId: string, path: string) {
  return queryOptions({
    queryKey: [...executionKey(tenant, executionId), "preview", path],
    queryFn: () =>
      call<FilePreview>(
        api.GET("/api/v1/{tenant}/executions/{executionId}/file/preview", {
          params: { path: { tenant, executionId }, query: { path, maxRows: 200 } },
        }),
      ),
    staleTime: 60_000,
  });
}

export function fileSizeQuery(tenant: string, executionId: string, path: string) {
  return queryOptions({
    queryKey: [...executionKey(tenant, executionId), "file", path],
    queryFn: () =>
      call<{ size?: number }>(
        api.GET("/api/v1/{tenant}/executions/{executionId}/file/metas", {
          params: { path: { tenant, executionId }, query: { path } },
        }),
      ),
    staleTime: 60_000,
  });
}
