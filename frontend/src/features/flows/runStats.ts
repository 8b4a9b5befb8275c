/** How executions of a flow have been going, in a few numbers. */
import type { ExecutionRow } from "@/api/types";
import { quantile } from "@/features/charts/buckets";
import { isTerminal } from "@/kit/states";
import { parseDuration } from "@/kit/time";

export interface RunStats {
  ended: number;
  /** Of those that ended, in percent; warnings count as success. */
  succeeded: number | undefined;
  median: number | undefined;
  p95: number | undefined;
}

const WELL = new Set(["SUCCESS", "WARNING"]);

export function runStats(rows: ExecutionRow[]): RunStats {
  const ended = rows.filter(({ state }) => isTerminal(state.current));
  const well = ended.filter(({ state }) => WELL.has(state.current)).length;
  const lengths = ended.flatMap(({ state }) => parseDuration(state.duration ?? "") ?? []);
  return {
    ended: ended.length,
    succeeded: ended.length > 0 ? Math.floor((100 * well) / ended.length) : undefined,
    median: quantile(lengths, 0.5),
    p95: quantile(lengths, 0.95),
  };
}
