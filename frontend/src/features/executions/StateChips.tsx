/** States to filter by, several at once. */

import { StateDot } from "@/kit/StateBadge";
import { EXECUTION_STATES, stateName } from "@/kit/states";
import classes from "./StateChips.module.css";

interface StateChipsProps {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

export function StateChips({ value, onChange }: StateChipsProps) {
  const chosen = value ? value.split(",") : [];
  const toggle = (state: string) => {
    const next = chosen.includes(state) ? chosen.filter((other) => other !== state) : [...chosen, state];
    onChange(next.join(",") || undefined);
  };
  return (
    <fieldset className={classes.chips} aria-label="States">
      {EXECUTION_STATES.map((state) => (
        <button
          key={state}
          type="button"
          className={classes.chip}
          aria-pressed={chosen.includes(state)}
          onClick={() => toggle(state)}
        >
          <StateDot state={state} />
          {stateName(state)}
        </button>
      ))}
    </fieldset>
  );
}
