/** How flows last went, kept up to date by the feed. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ExecutionRow, StateType } from "@/api/types";
import { latestQuery } from "@/features/executions/queries";
import { useLive } from "@/live/LiveProvider";
import type { FlowNode } from "./layout";

export interface Last {
  state: StateType;
  executionId: string;
}

export function useLastStates(tenant: string, flows: FlowNode[]): Map<string, Last> {
  const latest = useQuery(latestQuery(tenant, flows));
  const [heard, setHeard] = useState<ReadonlyMap<string, Last>>(new Map());
  useLive(
    { topic: "executions" },
    {
      state: () => undefined,
      change: ({ executions }: { executions: ExecutionRow[] }) =>
        setHeard((before) => new Map([...before, ...executions.map(lastOf)])),
    },
  );
  return useMemo(() => {
    const known = (latest.data ?? []).flatMap(({ namespace, flowId, status, id }): [string, Last][] =>
      status ? [[`${namespace}/${flowId}`, { state: status, executionId: id ?? "" }]] : [],
    );
    return new Map([...known, ...heard]);
  }, [latest.data, heard]);
}

function lastOf({ namespace, flowId, state, id }: ExecutionRow): [string, Last] {
  return [`${namespace}/${flowId}`, { state: state.current, executionId: id }];
}
