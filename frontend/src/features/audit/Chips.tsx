/** Details as small `key:value` marks; a click narrows the list to those that say the same. */
import classes from "./Chips.module.css";

interface ChipsProps {
  pairs: [string, string][];
  onPair?: (key: string, value: string) => void;
}

export function Chips({ pairs, onPair }: ChipsProps) {
  return (
    <span className={classes.chips}>
      {pairs.map(([key, value]) => (
        <button
          key={key}
          type="button"
          className={classes.chip}
          title={`Only entries with ${key}:${value}`}
          aria-label={`Only entries with ${key}:${value}`}
          disabled={!onPair}
          onClick={() => onPair?.(key, value)}
        >
          <span className={classes.key}>{key}:</span>
          {value}
        </button>
      ))}
    </span>
  );
}
