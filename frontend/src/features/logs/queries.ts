/** Reading the lines of one execution by the page. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, call } from "@/api/client";
import { type Filter, filtered } from "@/api/query";
import type { Execution, LogLine } from "@/api/types";
import { isTerminal } from "@/kit/states";
import type { PageOf } from "@/kit/usePages";
import { useLive } from "@/live/LiveProvider";
import { Pace } from "@/live/pace";
import { useRounds } from "@/live/useRounds";
import type { LogFilter } from "./lines";

export const LINES_AT_ONCE = 200;
const ASK_EVERY_MS = 1_000;

export function linesKey(tenant: string, executionId: string) {
  return [tenant, "execution", executionId, "lines"] as const;
}

export function lineFilters({ q, level, task, run }: LogFilter): Filter[] {
  const filters: Filter[] = [];
  if (q) filters.push({ field: "q", operation: "EQUALS", value: q });
  if (level) filters.push({ field: "level", operation: "GREATER_THAN_OR_EQUAL_TO", value: level });
  if (task) filters.push({ field: "taskId", operation: "EQUALS", value: task });
  if (run) filters.push({ field: "taskRunId", operation: "EQUALS", value: run });
  return filters;
}

export function fetchLines(
  tenant: string,
  executionId: string,
  filter: LogFilter,
  page: number,
): Promise<PageOf<LogLine>> {
  return askForLines(tenant, executionId, lineFilters(filter), page, LINES_AT_ONCE);
}

function askForLines(
  tenant: string,
  executionId: string,
  wanted: Filter[],
  page: number,
  size: number,
): Promise<PageOf<LogLine>> {
  const of: Filter = { field: "executionId", operation: "EQUALS", value: executionId };
  const query = {
    page,
    size,
    sort: ["seq:asc"],
    folded: true,
    filters: filtered([of, ...wanted]),
  };
  return call(api.GET("/api/v1/{tenant}/logs/search", { params: { path: { tenant }, query } }));
}

/** How many of the lines that are shown come before one. */
export function linePlaceQuery(tenant: string, executionId: string, filter: LogFilter, line: number) {
  const before: Filter = { field: "seq", operation: "LESS_THAN", value: String(line) };
  return queryOptions({
    queryKey: [...linesKey(tenant, executionId), "place", filter, line],
    queryFn: () => askForLines(tenant, executionId, [before, ...lineFilters(filter)], 1, 1),
    select: ({ total = 0 }) => total,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Asks for the pages in view again, only so often, while lines are written. */
export function useFreshLines(tenant: string, { id, state, lines }: Execution): void {
  const client = useQueryClient();
  const pace = useRef(new Pace(ASK_EVERY_MS));
  const round = useRounds(!isTerminal(state.current));
  useEffect(() => () => pace.current.cancel(), []);
  const ask = () =>
    pace.current.ask(() => {
      client.invalidateQueries({ queryKey: linesKey(tenant, id) });
    });
  const [cursor] = useState(lines);
  useLive({ topic: "logs", executionId: id, cursor }, { state: ask, change: ask, end: ask }, round);
}
