/** Progress bars as a terminal shows them: what is written over is gone, and the last state stays. */
import type { LogLine } from "@/api/types";

/** A line that ends in a carriage return stands until its task run writes the next one. */
export function foldProgress(lines: LogLine[], newestFirst = false): LogLine[] {
  if (!lines.some(isPassing)) return lines;
  const spoke = new Set<string>();
  const kept = inOrder(lines, !newestFirst).filter((line) => {
    const run = `${line.executionId} ${line.taskRunId} ${line.attemptNumber}`;
    const isOver = isPassing(line) && spoke.has(run);
    spoke.add(run);
    return !isOver;
  });
  return inOrder(kept, !newestFirst);
}

/** What is left of a text after all its carriage returns. */
export function lastState(text: string): string {
  const whole = text.replace(/\r+$/, "");
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

function isPassing({ message }: LogLine): boolean {
  return message?.endsWith("\r") ?? false;
}

function inOrder(lines: LogLine[], reversed: boolean): LogLine[] {
  return reversed ? [...lines].reverse() : lines;
}
