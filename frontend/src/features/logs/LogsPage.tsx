/** Lines of all executions, newest first. */

import { Select } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { api, call } from "@/api/client";
import { stringifyJson } from "@/api/json";
import { type Filter, filtered } from "@/api/query";
import type { LogLine } from "@/api/types";
import { FilterBar, NamespaceFilter, SearchFilter, TextFilter } from "@/kit/Filters";
import { Empty, Failure, RowsLoading } from "@/kit/Notices";
import { Page } from "@/kit/Page";
import { PAGE_SIZE, type PageOf, usePages } from "@/kit/usePages";
import { type Search, useTenant, useUrlState } from "@/url";
import { LogView } from "./LogView";
import { LEVELS } from "./lines";
import { foldProgress } from "./progress";

const NOTHING = { q: undefined, level: undefined, namespace: undefined, flowId: undefined, range: undefined };
const RANGES = [
  { value: "PT15M", label: "Last 15 minutes" },
  { value: "PT1H", label: "Last hour" },
  { value: "PT24H", label: "Last 24 hours" },
  { value: "PT168H", label: "Last 7 days" },
];

export function LogsPage() {
  const tenant = useTenant();
  const [search, setSearch] = useUrlState();
  const { query, rows, onEnd } = usePages({
    queryKey: [tenant, "logs", search],
    fetchPage: (page) => fetchLogs(tenant, search, page),
    keyOf: (line) => `${line.executionId} ${line.seq}`,
  });
  const filtering = Object.keys(NOTHING).some((name) => search[name]);
  return (
    <Page name="Logs" title="Logs" fill>
      <FilterBar onClear={filtering ? () => setSearch(NOTHING) : undefined}>
        <SearchFilter label="Search in all logs" value={search.q} onChange={(q) => setSearch({ q })} />
        <Select
          size="xs"
          aria-label="Least level"
          placeholder="All levels"
          data={LEVELS.map((name) => ({
            value: name,
            label: name === "ERROR" ? "ERROR" : `${name} and above`,
          }))}
          value={search.level ?? null}
          onChange={(level) => setSearch({ level: level ?? undefined })}
          clearable
          w={150}
        />
        <NamespaceFilter value={search.namespace} onChange={(namespace) => setSearch({ namespace })} />
        <TextFilter label="Flow" value={search.flowId} onChange={(flowId) => setSearch({ flowId })} />
        <Select
          size="xs"
          aria-label="Written in"
          placeholder="Any time"
          data={RANGES}
          value={search.range ?? null}
          onChange={(range) => setSearch({ range: range ?? undefined })}
          clearable
          w={150}
        />
      </FilterBar>
      {query.isPending && <RowsLoading rows={14} height={20} />}
      {query.isError && <Failure error={query.error} onRetry={query.refetch} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty icon={IconFileText} title={filtering ? "No line matches" : "Nothing has been logged yet"}>
          {filtering
            ? "Lower the level or clear the filters."
            : "What tasks log is found here, across all executions."}
        </Empty>
      )}
      {rows.length > 0 && (
        <LogView
          lines={foldProgress(rows, true)}
          q={search.q}
          version={stringifyJson(search)}
          withExecution
          onEnd={onEnd}
        />
      )}
    </Page>
  );
}

function fetchLogs(tenant: string, search: Search, page: number): Promise<PageOf<LogLine>> {
  const query = { page, size: PAGE_SIZE, sort: ["timestamp:desc"], filters: filtered(logFilters(search)) };
  return call(api.GET("/api/v1/{tenant}/logs/search", { params: { path: { tenant }, query } }));
}

function logFilters({ q, level, namespace, flowId, range }: Search): Filter[] {
  const filters: Filter[] = [];
  if (q) filters.push({ field: "q", operation: "EQUALS", value: q });
  if (level) filters.push({ field: "level", operation: "GREATER_THAN_OR_EQUAL_TO", value: level });
  if (namespace) filters.push({ field: "namespace", operation: "PREFIX", value: namespace });
  if (flowId) filters.push({ field: "flowId", operation: "EQUALS", value: flowId });
  if (range) filters.push({ field: "timeRange", operation: "EQUALS", value: range });
  return filters;
}
