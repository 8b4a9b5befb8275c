/** One clock for the whole page, so that a thousand ages cost one timer. */
import { useSyncExternalStore } from "react";

class Clock {
  now = Date.now();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly every: number) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    this.now = Date.now();
    this.timer ??= setInterval(() => this.tick(), this.every);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private tick() {
    this.now = Date.now();
    for (const listener of this.listeners) listener();
  }
}

const slow = new Clock(10_000);
const fast = new Clock(250);
const still = { subscribe: () => () => undefined };

/** The time, refreshed every ten seconds: for ages. */
export function useNow(): number {
  return useSyncExternalStore(slow.subscribe, () => slow.now);
}

/** The time, refreshed four times a second while `running`: for growing bars and running durations. */
export function useRunningNow(running: boolean): number {
  const source = running ? fast : still;
  return useSyncExternalStore(source.subscribe, () => fast.now);
}
