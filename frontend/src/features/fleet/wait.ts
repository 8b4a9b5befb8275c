/** How a line of jobs stands, in a few words. */
import { spanText } from "@/kit/time";

interface Standing {
  waiting: number;
  oldestWaitSeconds?: number;
  endedRate: number;
  workers: number;
}

/** "3 waiting, the oldest for 2m" or "nothing waits". */
export function waitText({ waiting, oldestWaitSeconds }: Standing): string {
  if (waiting === 0) return "nothing waits";
  const since =
    oldestWaitSeconds === undefined ? "" : `, the oldest for ${spanText(Number(oldestWaitSeconds) * 1000)}`;
  return `${waiting} waiting${since}`;
}

/** A figure such as `0.0` comes as it was written, for it is not what JavaScript would write. */
export function rateText(standing: Standing): string {
  const endedRate = Number(standing.endedRate);
  return `${endedRate < 10 ? endedRate.toFixed(1) : Math.round(endedRate)} jobs/s`;
}

/** Work waits and nobody is there to take it. */
export function isSilent({ waiting, workers }: Standing): boolean {
  return waiting > 0 && workers === 0;
}
