/** Filters that somebody keeps under a name, in this browser, for each tenant. */
import { useLocalStorage } from "@mantine/hooks";
import type { Search } from "@/url";
import { type Names, NOTHING } from "./entries";

export type Saved = Record<string, Search>;

export function useSavedFilters(tenant: string) {
  const [saved, setSaved] = useLocalStorage<Saved>({
    key: `orrery.audit.filters.${tenant}`,
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  return {
    saved,
    keep: (name: string, search: Search) => setSaved((before) => ({ ...before, [name]: partOf(search) })),
    forget: (name: string) =>
      setSaved((before) => Object.fromEntries(Object.entries(before).filter(([key]) => key !== name))),
  };
}

/** Only what narrows the list, and nothing for the rest, so that it replaces what is set now. */
export function replacing(search: Search): Record<Names, string | undefined> {
  return { ...NOTHING, ...partOf(search) };
}

function partOf(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([name, value]) => name in NOTHING && value));
}
