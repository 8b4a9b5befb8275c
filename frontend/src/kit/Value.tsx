/** Any value of an input, output or variable, readable and copyable. */

import { stringifyJson } from "@/api/json";
import { CopyText } from "./CopyText";
import classes from "./Value.module.css";

export function Value({ value }: { value: unknown }) {
  const text = valueText(value);
  const long = text.includes("\n") || text.length > 120;
  return (
    <span className={classes.value} data-long={long || undefined}>
      {long ? <pre className={classes.block}>{text}</pre> : <code className={classes.inline}>{text}</code>}
      <CopyText value={text} label="Copy value" />
    </span>
  );
}

export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  const short = stringifyJson(value);
  return short.length <= 60 ? short : stringifyJson(value, 2);
}
