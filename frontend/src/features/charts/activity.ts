/** The newest executions that a search finds, kept up to date by the feed: what charts are drawn from. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { ExecutionRow } from "@/api/types";
import { mergeRows } from "@/features/executions/live";
import { fetchExecutions } from "@/features/executions/queries";
import type { PageOf } from "@/kit/usePages";
import { useLive } from "@/live/LiveProvider";
import type { Search } from "@/url";

/** As many as tell the trend without weighing on the page. */
export const NEWEST = 300;

export function useActivity(tenant: string, search: Search) {
  const client = useQueryClient();
  const wanted: Search = { ...search, sort: "state.startDate:desc" };
  const key = [tenant, "executions", "activity", wanted];
  const query = useQuery({
    queryKey: key,
    queryFn: () => fetchExecutions(tenant, wanted, 1, NEWEST),
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  useLive(
    { topic: "executions" },
    {
      state: () => undefined,
      change: ({ executions }: { executions: ExecutionRow[] }) =>
        client.setQueryData<PageOf<ExecutionRow>>(
          key,
          (before) => before && mergeRows({ pages: [before], pageParams: [1] }, executions, wanted).pages[0],
        ),
    },
  );
  return query;
}
