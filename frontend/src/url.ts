/** Filters live in the address: plain words that can be read, edited and sent to a colleague. */
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Search = Record<string, string>;

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `?${text}` : "";
}

/** What the address asks for, and a way to change some of it. */
export function useUrlState(): [Search, (change: Record<string, string | undefined>) => void] {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const set = useCallback(
    (change: Record<string, string | undefined>) => {
      navigate({
        to: ".",
        search: (before: Search) => ({ ...before, ...change }),
        replace: true,
      } as never);
    },
    [navigate],
  );
  return [search, set];
}

export function useParam(name: string): string {
  const params = useParams({ strict: false }) as Record<string, string | undefined>;
  return params[name] ?? "";
}

export function useTenant(): string {
  return useParam("tenant");
}
