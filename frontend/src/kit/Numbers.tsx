/** A few figures side by side, each under its name; a figure may lead somewhere. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./Numbers.module.css";
import type { Tone } from "./states";

export interface Figure {
  name: string;
  value: ReactNode;
  tone?: Tone;
  to?: string;
  search?: Record<string, string>;
}

export function Numbers({ figures }: { figures: Figure[] }) {
  return (
    <dl className={classes.numbers}>
      {figures.map(({ name, value, tone, to, search }) => (
        <div key={name} className={classes.figure}>
          <dt>{name}</dt>
          <dd data-tone={tone}>
            {to ? (
              <Link to={to} search={search as never} className="link" aria-label={`${name}: open the list`}>
                {value}
              </Link>
            ) : (
              value
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
