/** The frame of the pages outside a tenant: set-up and sign-in. */
import type { ReactNode } from "react";
import { useEffect } from "react";
import classes from "./Doorway.module.css";
import { Logo } from "./Logo";

interface DoorwayProps {
  title: string;
  text?: ReactNode;
  /** Said over the whole width, before the card. */
  above?: ReactNode;
  children: ReactNode;
}

export function Doorway({ title, text, above, children }: DoorwayProps) {
  useEffect(() => {
    document.title = `${title} · Orrery`;
  }, [title]);
  return (
    <main className={classes.doorway}>
      {above && <div className={classes.above}>{above}</div>}
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={30} />
          Orrery
        </div>
        <h1 className={classes.title}>{title}</h1>
        {text && <p className={classes.text}>{text}</p>}
        {children}
      </div>
    </main>
  );
}
