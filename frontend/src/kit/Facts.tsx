/** A list of names and values. */
import type { ReactNode } from "react";
import classes from "./Facts.module.css";

export interface Fact {
  name: string;
  value: ReactNode;
}

export function Facts({ facts }: { facts: (Fact | false | undefined)[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact.name} className={classes.fact}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.section}>
      <div className={classes.top}>
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
