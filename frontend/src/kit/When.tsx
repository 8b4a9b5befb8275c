/** A point in time as an age, with the exact time in the user's zone on hover; and spans that grow. */
import { Tooltip } from "@mantine/core";
import type { State } from "@/api/types";
import { isTerminal } from "./states";
import { absoluteTime, ago, spanText } from "./time";
import { useNow, useRunningNow } from "./useNow";

export function When({ date }: { date: string | undefined }) {
  const now = useNow();
  if (!date) return <>–</>;
  return (
    <Tooltip label={absoluteTime(date)}>
      <time dateTime={date} style={{ whiteSpace: "nowrap" }}>
        {ago(date, now)}
      </time>
    </Tooltip>
  );
}

/** How long something has been going, or went; `–` before it began. */
export function Took({ state }: { state: State }) {
  const running = !isTerminal(state.current) && Boolean(state.startDate);
  const now = useRunningNow(running);
  const start = startOf(state);
  if (start === undefined) return <>–</>;
  const end = running ? now : Date.parse(state.endDate ?? lastDate(state) ?? "");
  return <span className="numbers">{spanText((Number.isNaN(end) ? now : end) - start)}</span>;
}

function startOf(state: State): number | undefined {
  const date = state.startDate ?? state.histories?.[0]?.date;
  return date ? Date.parse(date) : undefined;
}

function lastDate(state: State): string | undefined {
  return state.histories?.[state.histories.length - 1]?.date;
}
