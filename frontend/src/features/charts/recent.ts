/** The newest executions that a search finds, kept up to date by the feed: rows and figures of the last ones. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ExecutionRow } from "@/api/types";
import { mergeRows } from "@/features/executions/live";
import { fetchExecutions } from "@/features/executions/queries";
import type { PageOf } from "@/kit/usePages";
import { useLive } from "@/live/LiveProvider";
import type { Search } from "@/url";

/** As many as tell the trend without weighing on the page. */
export const NEWEST = 300;

export function useRecent(tenant: string, search: Search, size = NEWEST) {
  const client = useQueryClient();
  const wanted: Search = { ...search, sort: "state.startDate:desc" };
  const key = [tenant, "executions", "recent", size, wanted];
  const query = useQuery({
    queryKey: key,
    queryFn: () => fetchExecutions(tenant, wanted, 1, size),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  function merged(page: PageOf<ExecutionRow>, changed: ExecutionRow[]): PageOf<ExecutionRow> {
    const [next = page] = mergeRows({ pages: [page], pageParams: [1] }, changed, wanted).pages;
    return { ...next, results: next.results.slice(0, size) };
  }

  useLive(
    { topic: "executions" },
    {
      state: () => undefined,
      change: ({ executions }: { executions: ExecutionRow[] }) =>
        client.setQueryData<PageOf<ExecutionRow>>(key, (before) => before && merged(before, executions)),
    },
  );
  return query;
}
