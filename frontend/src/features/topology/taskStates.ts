/** What a task is doing, all its runs taken together. */
import type { Execution, StateType, TaskRun } from "@/api/types";
import { isTerminal } from "@/kit/states";

export interface TaskState {
  state: StateType;
  runs: number;
  ended: number;
}

/** The first of these that any run is in speaks for the task. */
const LOUDEST: StateType[] = [
  "KILLING",
  "RUNNING",
  "RETRYING",
  "PAUSED",
  "BREAKPOINT",
  "QUEUED",
  "SUBMITTED",
  "CREATED",
  "RESTARTED",
  "FAILED",
  "KILLED",
  "CANCELLED",
  "WARNING",
  "SUCCESS",
];

export function taskStates(runs: TaskRun[]): Map<string, TaskState> {
  const tasks = new Map<string, TaskState>();
  for (const { taskId, state } of runs) {
    const before = tasks.get(taskId);
    const ended = isTerminal(state.current) ? 1 : 0;
    if (before) {
      before.state = louder(before.state, state.current);
      before.runs += 1;
      before.ended += ended;
    } else tasks.set(taskId, { state: state.current, runs: 1, ended });
  }
  return tasks;
}

/** The same from numbers, where the runs themselves are too many. */
export function countedStates({ tasks }: Execution["taskRuns"]): Map<string, TaskState> {
  return new Map(
    tasks.map(({ taskId, states }) => {
      const counted = Object.entries(states) as [StateType, number][];
      const all = { runs: 0, ended: 0, state: counted[0]?.[0] ?? "CREATED" };
      for (const [state, count] of counted) {
        all.runs += count;
        all.ended += isTerminal(state) ? count : 0;
        all.state = louder(all.state, state);
      }
      return [taskId, all];
    }),
  );
}

function louder(a: StateType, b: StateType): StateType {
  return rank(b) < rank(a) ? b : a;
}

function rank(state: StateType): number {
  const index = LOUDEST.indexOf(state);
  return index < 0 ? LOUDEST.length : index;
}
