/** Which flows failed most among the given executions. */
import type { ExecutionRow } from "@/api/types";
import { isTerminal } from "@/kit/states";

export interface FailingFlow {
  namespace: string;
  flowId: string;
  ended: number;
  failed: number;
}

const FAILED = new Set(["FAILED", "KILLED"]);

/** Those that failed most often first; among equals those that fail the larger share. */
export function failingFlows(rows: ExecutionRow[]): FailingFlow[] {
  const flows = new Map<string, FailingFlow>();
  for (const { namespace, flowId, state } of rows) {
    if (!isTerminal(state.current)) continue;
    const key = `${namespace}/${flowId}`;
    const flow = flows.get(key) ?? { namespace, flowId, ended: 0, failed: 0 };
    flow.ended += 1;
    if (FAILED.has(state.current)) flow.failed += 1;
    flows.set(key, flow);
  }
  return [...flows.values()]
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed || b.failed / b.ended - a.failed / a.ended);
}
