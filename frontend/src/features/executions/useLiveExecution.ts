/** One execution, kept up to date by the feed. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Execution } from "@/api/types";
import { isTerminal } from "@/kit/states";
import { useLive, useLiveStatus } from "@/live/LiveProvider";
import { Pace } from "@/live/pace";
import { useRounds } from "@/live/useRounds";
import { applyChanges, type ExecutionChange } from "./live";
import { executionKey, executionQuery } from "./queries";
import { taskRunsKey } from "./taskRuns";

/** A change is drawn at once; many small ones are drawn together. */
const DRAW_EVERY_MS = 80;
/** Of very many task runs, what is in view is asked for again only so often. */
const ASK_EVERY_MS = 2_000;
/** Only while there is no live connection. */
const FALLBACK_MS = 5_000;

export function useLiveExecution(tenant: string, executionId: string) {
  const client = useQueryClient();
  const status = useLiveStatus();
  const query = useQuery({
    ...executionQuery(tenant, executionId),
    refetchInterval: ({ state }) =>
      (status === "offline" || status === "reconnecting") && !isTerminal(state.data?.state.current)
        ? FALLBACK_MS
        : false,
  });
  const round = useRounds(query.data && !isTerminal(query.data.state.current));
  const waiting = useRef<ExecutionChange[]>([]);
  const pace = useRef(new Pace(DRAW_EVERY_MS));
  const asking = useRef(new Pace(ASK_EVERY_MS));
  useEffect(
    () => () => {
      pace.current.cancel();
      asking.current.cancel();
    },
    [],
  );
  const key = executionKey(tenant, executionId);

  function askAgain() {
    client.invalidateQueries({ queryKey: key, exact: true });
    client.invalidateQueries({ queryKey: taskRunsKey(tenant, executionId) });
  }

  function draw() {
    const changes = waiting.current;
    waiting.current = [];
    const now = client.setQueryData<Execution>(key, (before) => before && applyChanges(before, changes));
    if (now && !now.taskRunList) asking.current.ask(askAgain);
    if (changes.some(({ outputs }) => outputs?.length)) {
      client.invalidateQueries({ queryKey: [...key, "outputs"], exact: true });
    }
  }

  useLive(
    { topic: "execution", executionId },
    {
      state: (data: Execution) => {
        waiting.current = [];
        client.setQueryData<Execution>(key, data);
      },
      change: (data: ExecutionChange) => {
        waiting.current.push(data);
        pace.current.ask(draw);
      },
      end: () => {
        draw();
        client.invalidateQueries({ queryKey: key });
      },
    },
    round,
  );
  return query;
}
