import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Pace } from "./pace";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("acts at once after a silence and then only so often, with what was asked last", () => {
  const pace = new Pace(50);
  const done: string[] = [];
  pace.ask(() => done.push("first"));
  expect(done).toEqual(["first"]);
  pace.ask(() => done.push("second"));
  vi.advanceTimersByTime(30);
  pace.ask(() => done.push("third"));
  expect(done).toEqual(["first"]);
  vi.advanceTimersByTime(20);
  expect(done).toEqual(["first", "third"]);
  vi.advanceTimersByTime(50);
  pace.ask(() => done.push("fourth"));
  expect(done).toEqual(["first", "third", "fourth"]);
});

it("does nothing more once it is cancelled", () => {
  const pace = new Pace(50);
  const act = vi.fn();
  pace.ask(act);
  pace.ask(act);
  pace.cancel();
  vi.advanceTimersByTime(100);
  expect(act).toHaveBeenCalledOnce();
});
