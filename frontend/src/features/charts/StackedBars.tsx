/** How many executions started when, in the colours of how they went; a bar narrows the list to its time. */
import { type KeyboardEvent, useState } from "react";
import { shortTime } from "@/kit/time";
import { type Bucket, STACK } from "./buckets";
import classes from "./StackedBars.module.css";

interface StackedBarsProps {
  buckets: Bucket[];
  label: string;
  /** Said while no bar is pointed at. */
  caption: string;
  onPick?: (bucket: Bucket) => void;
}

const WORDS = {
  good: "succeeded",
  busy: "running",
  wait: "paused",
  calm: "waiting or cancelled",
  warn: "with warnings",
  bad: "failed or killed",
};

export function StackedBars({ buckets, label, caption, onPick }: StackedBarsProps) {
  const [pointed, setPointed] = useState<number>();
  const tallest = Math.max(1, ...buckets.map(({ total }) => total));
  const shown = pointed === undefined ? undefined : buckets[pointed];
  const entry = buckets.findLastIndex(({ total }) => total > 0);
  return (
    <figure className={classes.figure} aria-label={label}>
      <div className={classes.bars} onMouseLeave={() => setPointed(undefined)} onKeyDown={walk}>
        {buckets.map((bucket, index) => (
          <button
            key={bucket.from}
            type="button"
            className={classes.slot}
            disabled={bucket.total === 0}
            tabIndex={index === entry ? 0 : -1}
            aria-label={describe(bucket)}
            onMouseEnter={() => setPointed(index)}
            onFocus={() => setPointed(index)}
            onBlur={() => setPointed(undefined)}
            onClick={() => onPick?.(bucket)}
          >
            <span className={classes.bar} style={{ height: heightOf(bucket, tallest) }}>
              {STACK.map((tone) => {
                const count = bucket.tones[tone];
                return count ? <span key={tone} data-tone={tone} style={{ flexGrow: count }} /> : null;
              })}
            </span>
          </button>
        ))}
      </div>
      <figcaption className={classes.caption}>
        <span>{shortTime(buckets[0]?.from ?? 0)}</span>
        <span className={classes.middle}>{shown && shown.total > 0 ? describe(shown) : caption}</span>
        <span>{shortTime(buckets[buckets.length - 1]?.to ?? 0)}</span>
      </figcaption>
    </figure>
  );
}

/** One alone among many is still seen. */
function heightOf({ total }: Bucket, tallest: number): string {
  return total === 0 ? "0" : `max(4px, ${(100 * total) / tallest}%)`;
}

function describe({ from, total, tones }: Bucket): string {
  const parts = STACK.flatMap((tone) => (tones[tone] ? [`${tones[tone]} ${WORDS[tone]}`] : []));
  return `${shortTime(from)}: ${total} ${total === 1 ? "execution" : "executions"}, ${parts.join(", ")}`;
}

/** The arrows go from bar to bar. */
function walk(event: KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const bars = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button:not([disabled])")];
  const next = bars[bars.indexOf(event.target as HTMLButtonElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
