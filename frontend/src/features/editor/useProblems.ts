/** The marks of a text as it is typed: as soon as one pauses, those of YAML first, then the server's. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { validateFlow } from "@/features/flows/queries";
import { type Mark, serverMarks, syntaxMarks } from "./problems";

const PAUSE_MS = 250;
const NO_MARKS: Mark[] = [];

export interface Problems {
  marks: Mark[];
  /** The marks belong to the text as it is now. */
  settled: boolean;
  valid: boolean;
}

export function useProblems(tenant: string, text: string): Problems {
  const [paused] = useDebouncedValue(text, PAUSE_MS);
  const query = useQuery({
    queryKey: [tenant, "validate", paused],
    queryFn: ({ signal }) => validateFlow(tenant, paused, signal),
    enabled: paused.trim() !== "",
    staleTime: 60_000,
    gcTime: 60_000,
    placeholderData: (before) => before,
  });
  const syntax = useMemo(() => syntaxMarks(paused), [paused]);
  const settled = paused === text && query.isSuccess && !query.isPlaceholderData;
  const server = useMemo(
    () =>
      query.data && !query.isPlaceholderData
        ? query.data.flatMap((one) => serverMarks(paused, one))
        : NO_MARKS,
    [query.data, query.isPlaceholderData, paused],
  );
  return useMemo(() => {
    const marks = syntax.length > 0 && server.length === 0 ? syntax : server;
    const valid = settled && !marks.some(({ severity }) => severity === "error");
    return { marks, settled, valid };
  }, [syntax, server, settled]);
}
