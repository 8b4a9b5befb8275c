/** What a tenant without flows shows: ways to begin. */

import { IconArrowRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { to } from "@/addresses";
import { useTenant } from "@/url";
import { EXAMPLES } from "./examples";
import classes from "./FirstFlow.module.css";

export function FirstFlow() {
  const tenant = useTenant();
  return (
    <section className={classes.first} aria-labelledby="first-flow">
      <h2 id="first-flow" className={classes.title}>
        Create your first flow
      </h2>
      <p className={classes.text}>
        A flow is a YAML file: what goes in, which tasks run in which order, and what comes out. Start from
        one that works, run it, then change it.
      </p>
      <div className={classes.cards}>
        {EXAMPLES.map(({ id, title, text }) => (
          <Link key={id} to={to.newFlow(tenant)} search={{ example: id } as never} className={classes.card}>
            <span className={classes.cardTitle}>
              {title}
              <IconArrowRight size={14} />
            </span>
            <span className={classes.cardText}>{text}</span>
          </Link>
        ))}
      </div>
    </section>
  );
}
