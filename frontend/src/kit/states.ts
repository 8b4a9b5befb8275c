/** What each state of an execution or task run means to the eye and to the buttons. */
import type { StateType } from "@/api/types";

export type Tone = "good" | "busy" | "bad" | "warn" | "wait" | "calm";

const TONES: Record<StateType, Tone> = {
  CREATED: "calm",
  SUBMITTED: "calm",
  QUEUED: "calm",
  RUNNING: "busy",
  RESTARTED: "busy",
  RETRYING: "warn",
  KILLING: "warn",
  PAUSED: "wait",
  BREAKPOINT: "wait",
  SUCCESS: "good",
  WARNING: "warn",
  FAILED: "bad",
  KILLED: "bad",
  CANCELLED: "calm",
  RETRIED: "warn",
  SKIPPED: "calm",
  RESUBMITTED: "calm",
};

const TERMINAL = new Set<StateType>([
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "CANCELLED",
  "RETRIED",
  "SKIPPED",
  "RESUBMITTED",
]);

export const STATES = Object.keys(TONES) as StateType[];

/** The states that an execution, as opposed to a single attempt, is found in; in the order of the filters. */
export const EXECUTION_STATES: StateType[] = [
  "RUNNING",
  "SUCCESS",
  "WARNING",
  "FAILED",
  "KILLED",
  "PAUSED",
  "QUEUED",
  "CREATED",
  "CANCELLED",
];

export function toneOf(state: StateType | undefined): Tone {
  return (state && TONES[state]) || "calm";
}

export function isTerminal(state: StateType | undefined): boolean {
  return state !== undefined && TERMINAL.has(state);
}

export function stateName(state: StateType): string {
  return state.charAt(0) + state.slice(1).toLowerCase();
}
