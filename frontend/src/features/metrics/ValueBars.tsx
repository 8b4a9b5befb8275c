/** One value a point in time, as bars over a scale; the one pointed at is told in words. */
import { useState } from "react";
import { shortTime } from "@/kit/time";
import classes from "./ValueBars.module.css";

export interface Valued {
  at: number;
  value: number;
}

export function ValueBars({ label, values }: { label: string; values: Valued[] }) {
  const [pointed, setPointed] = useState<Valued>();
  const top = roundUp(Math.max(0, ...values.map(({ value }) => value)));
  const [first] = values;
  const last = values[values.length - 1];
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.plot}>
        <div className={classes.scale} aria-hidden>
          <span>{compact(top)}</span>
          <span>{compact(top / 2)}</span>
          <span>0</span>
        </div>
        <ul
          className={classes.bars}
          data-dense={values.length > 80 || undefined}
          onMouseLeave={() => setPointed(undefined)}
        >
          {values.map((one) => (
            <li
              key={one.at}
              onMouseEnter={() => setPointed(one)}
              aria-label={one.value ? textOf(one) : undefined}
            >
              <span style={{ height: `${top > 0 ? (100 * Math.max(0, one.value)) / top : 0}%` }} />
            </li>
          ))}
        </ul>
      </div>
      <figcaption className={classes.caption}>
        <span>{first && shortTime(first.at)}</span>
        <span>{pointed ? textOf(pointed) : label}</span>
        <span>{last && shortTime(last.at)}</span>
      </figcaption>
    </figure>
  );
}

function textOf({ at, value }: Valued): string {
  return `${shortTime(at)}: ${value.toLocaleString(undefined, { maximumFractionDigits: 2 })}`;
}

function compact(value: number): string {
  return value.toLocaleString(undefined, { notation: "compact", maximumFractionDigits: 2 });
}

/** The next of 1, 2, 2.5, 5 and 10 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 2.5, 5, 10].find((step) => value <= step * power * 1.000001) ?? 10);
}
