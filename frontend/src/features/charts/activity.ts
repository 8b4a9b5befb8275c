/** All executions that a search finds, counted by the server: what charts are drawn from. */
import { useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import { filtered } from "@/api/query";
import type { Activity } from "@/api/types";
import { executionFilters } from "@/features/executions/queries";
import { parseDuration } from "@/kit/time";
import { useCountAgain } from "@/live/useCountAgain";
import type { Search } from "@/url";

export interface Counted extends Activity {
  /** Where the chart begins and ends, in milliseconds; it begins with the oldest start if no time was asked for. */
  from: number;
  to: number;
}

export function useActivity(tenant: string, search: Search, intervals: number) {
  const key = [tenant, "executions", "activity", intervals, search];
  useCountAgain(key);
  return useQuery({
    queryKey: key,
    queryFn: () => fetchActivity(tenant, search, intervals),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
}

export async function fetchActivity(tenant: string, search: Search, intervals: number): Promise<Counted> {
  const { from, to } = spanOf(search, Date.now());
  const query = {
    filters: filtered(executionFilters(search)),
    intervals,
    end: new Date(to).toISOString(),
    ...(from !== undefined && { begin: new Date(from).toISOString() }),
  };
  const path = { tenant };
  const counted: Activity = await call(
    api.GET("/api/v1/{tenant}/executions/activity", { params: { path, query } }),
  );
  return { ...counted, from: from ?? (Date.parse(counted.begin ?? "") || to), to };
}

function spanOf(search: Search, now: number): { from?: number; to: number } {
  const range = parseDuration(search.range ?? "");
  const from = search.from ? Number(search.from) : range === undefined ? undefined : now - range;
  const to = search.to ? Math.min(Number(search.to), now) : now;
  return { from: from === undefined ? undefined : Math.min(from, to), to };
}
