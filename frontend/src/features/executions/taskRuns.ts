/** Task runs of an execution, whether they came with it or are asked for by the page. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { Execution, ListedTaskRun, StateType, TaskRun, TaskRunWithWay } from "@/api/types";
import type { PageOf } from "@/kit/usePages";
import { executionKey } from "./queries";

export const RUNS_AT_ONCE = 100;

/** Which of them; all unless something is said. */
export interface Wanted {
  parentTaskRunId?: string;
  /** Only those that stand in no other one. */
  top?: boolean;
  state?: StateType;
  /** Found in the id of the task or in the value of the loop. */
  q?: string;
  withOutputs?: boolean;
  /** Only those in which no other one stands. */
  leaves?: boolean;
}

export function taskRunsKey(tenant: string, executionId: string) {
  return [...executionKey(tenant, executionId), "taskruns"] as const;
}

export function fetchTaskRuns(
  tenant: string,
  executionId: string,
  wanted: Wanted,
  page: number,
  size = RUNS_AT_ONCE,
): Promise<PageOf<ListedTaskRun>> {
  return call(
    api.GET("/api/v1/{tenant}/taskruns/{executionId}", {
      params: { path: { tenant, executionId }, query: { ...wanted, page, size } },
    }),
  );
}

export function taskRunsQuery(
  tenant: string,
  executionId: string,
  wanted: Wanted,
  page = 1,
  size = RUNS_AT_ONCE,
) {
  return queryOptions({
    queryKey: [...taskRunsKey(tenant, executionId), wanted, page, size],
    queryFn: () => fetchTaskRuns(tenant, executionId, wanted, page, size),
    placeholderData: keepPreviousData,
  });
}

export function taskRunQuery(tenant: string, executionId: string, taskRunId: string) {
  return queryOptions({
    queryKey: [...taskRunsKey(tenant, executionId), taskRunId],
    queryFn: () =>
      call<TaskRunWithWay>(
        api.GET("/api/v1/{tenant}/taskruns/{executionId}/{taskRunId}", {
          params: { path: { tenant, executionId, taskRunId } },
        }),
      ),
  });
}

export interface FoundRuns {
  runs: TaskRun[];
  total: number;
}

/** The first of those that are wanted, and how many there are. */
export function useTaskRuns(tenant: string, execution: Execution, wanted: Wanted, most: number): FoundRuns {
  const { id, taskRunList } = execution;
  const { data } = useQuery({
    ...taskRunsQuery(tenant, id, wanted, 1, most),
    enabled: taskRunList === undefined,
  });
  if (taskRunList === undefined) return { runs: data?.results ?? [], total: data?.total ?? 0 };
  const runs = matching(taskRunList, wanted);
  return { runs: runs.slice(0, most), total: runs.length };
}

function matching(runs: TaskRun[], { state, leaves, q }: Wanted): TaskRun[] {
  const text = q?.trim().toLowerCase();
  const parents = leaves ? new Set(runs.map(({ parentTaskRunId }) => parentTaskRunId)) : undefined;
  return runs.filter(
    (run) =>
      (!state || run.state.current === state) &&
      !parents?.has(run.id) &&
      (!text || `${run.taskId} ${run.value ?? ""}`.toLowerCase().includes(text)),
  );
}
