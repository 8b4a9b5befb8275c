/** How a trigger stands, in words: what it does next, or why it does not fire. */
import type { TriggerState } from "@/api/types";
import type { Tone } from "@/kit/states";

export interface Standing {
  word: string;
  tone: Tone;
  /** The whole reason, where there is more to say. */
  why?: string;
}

export function standingOf(state: TriggerState): Standing {
  if (state.disabledInFlow) {
    return { word: "disabled", tone: "calm", why: "It, or its flow, is disabled in the flow's text." };
  }
  if (state.disabled) return { word: "disabled", tone: "calm", why: "Somebody disabled it, or it stopped." };
  if (state.executionId) {
    return { word: "waiting", tone: "busy", why: "It waits for the execution it started." };
  }
  if (state.problem) return { word: "problem", tone: "bad", why: state.problem };
  if (state.evaluationId) {
    return state.kind === "REALTIME"
      ? { word: "listening", tone: "good", why: lastSaid(state) ?? "A worker listens for it." }
      : { word: "looking", tone: "busy", why: lastSaid(state) ?? "A worker looks at it." };
  }
  if (state.backfill) {
    return state.backfill.paused
      ? { word: "backfill paused", tone: "warn" }
      : { word: "backfill", tone: "busy" };
  }
  if (state.kind === "SCHEDULE" && !state.nextEvaluationDate) {
    return { word: "over", tone: "calm", why: "No date is left." };
  }
  return { word: "on", tone: "good" };
}

/** The last line of the worker that looks at it. */
function lastSaid({ said }: TriggerState): string | undefined {
  return said?.at(-1)?.message;
}

/** How much of a backfill is done, from 0 to 100. */
export function progressOf(backfill: NonNullable<TriggerState["backfill"]>): number {
  const [start, end, current] = [backfill.start, backfill.end, backfill.currentDate].map(Date.parse);
  if (start === undefined || end === undefined || current === undefined || end <= start) return 0;
  return Math.round(Math.min(1, Math.max(0, (current - start) / (end - start))) * 100);
}

/** What became of the dates that passed while no scheduler ran. */
export function recoveredText({ recovered }: TriggerState): string | undefined {
  if (!recovered) return undefined;
  const { missed, madeUpFor } = recovered;
  const rest = madeUpFor === missed ? "all made up for" : `${madeUpFor} made up for`;
  return `${missed} dates missed, ${rest}`;
}
