/** A list that grows page by page as one scrolls. */
import { type InfiniteData, type QueryKey, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

export interface PageOf<T> {
  results: T[];
  total?: number;
}

export type Pages<T> = InfiniteData<PageOf<T>, number>;

export const PAGE_SIZE = 100;

interface Options<T> {
  queryKey: QueryKey;
  fetchPage: (page: number) => Promise<PageOf<T>>;
  keyOf: (row: T) => string;
  refetchInterval?: number | false;
}

export function usePages<T>({ queryKey, fetchPage, keyOf, refetchInterval }: Options<T>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: 1,
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, page) => sum + page.results.length, 0);
      return last.results.length > 0 && loaded < (last.total ?? Number.POSITIVE_INFINITY)
        ? pages.length + 1
        : undefined;
    },
    placeholderData: (before) => before,
    refetchInterval: refetchInterval ?? false,
  });
  const rows = useMemo(() => distinct(query.data?.pages ?? [], keyOf), [query.data, keyOf]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { query, rows, total: query.data?.pages[0]?.total ?? rows.length, onEnd };
}

/** A row that moved to the next page between two requests shows once. */
function distinct<T>(pages: PageOf<T>[], keyOf: (row: T) => string): T[] {
  const seen = new Map<string, T>();
  for (const page of pages) {
    for (const row of page.results) {
      const key = keyOf(row);
      if (!seen.has(key)) seen.set(key, row);
    }
  }
  return [...seen.values()];
}
