/** The state of an execution or task run: a coloured dot and its name. */
import type { StateType } from "@/api/types";
import classes from "./StateBadge.module.css";
import { stateName, toneOf } from "./states";

export function StateBadge({ state }: { state: StateType }) {
  return (
    <span className={classes.badge} data-tone={toneOf(state)} data-state={state}>
      <StateDot state={state} />
      {stateName(state)}
    </span>
  );
}

export function StateDot({ state }: { state: StateType | undefined }) {
  return <span className={classes.dot} data-tone={toneOf(state)} data-state={state} aria-hidden />;
}
