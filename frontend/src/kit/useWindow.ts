/** The rows of a list of any length, of which only the pages in view are fetched. */
import { type QueryKey, useQueries } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import type { PageOf } from "./usePages";

interface WindowOptions<T> {
  queryKey: QueryKey;
  /** Pages count from 1. */
  fetchPage: (page: number) => Promise<PageOf<T>>;
  size: number;
}

export interface Window<T> {
  /** As long as the list; what was not fetched is not there yet. */
  rows: (T | undefined)[];
  /** Undefined until it is known. */
  total: number | undefined;
  error: unknown;
  /** To be told which rows are in view. */
  onView: (first: number, last: number) => void;
}

export function useWindow<T>({ queryKey, fetchPage, size }: WindowOptions<T>): Window<T> {
  const [view, setView] = useState({ from: 0, to: 0 });
  const pages = Array.from({ length: view.to - view.from + 1 }, (_, offset) => view.from + offset);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...queryKey, page + 1],
      queryFn: () => fetchPage(page + 1),
    })),
  });
  const known = results.find(({ data }) => data?.total !== undefined)?.data?.total;
  const [last, setLast] = useState<number>();
  if (known !== undefined && known !== last) setLast(known);
  const total = known ?? last;
  const rows: (T | undefined)[] = new Array(total ?? 0);
  for (const [offset, { data }] of results.entries()) {
    const first = (view.from + offset) * size;
    for (const [index, row] of (data?.results ?? []).entries()) {
      if (first + index < rows.length) rows[first + index] = row;
    }
  }
  const onView = useCallback(
    (first: number, end: number) => {
      const from = Math.floor(Math.max(0, first) / size);
      const to = Math.max(from, Math.floor(Math.max(0, end) / size));
      setView((before) => (before.from === from && before.to === to ? before : { from, to }));
    },
    [size],
  );
  return { rows, total, error: results.find(({ error }) => error)?.error, onView };
}
