/** The frame of the pages outside a tenant: set-up and sign-in. */
import type { ReactNode } from "react";
import { useEffect } from "react";
import classes from "./Doorway.module.css";
import { Logo } from "./Logo";

export function Doorway({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Orrery`;
  }, [title]);
  return (
    <main className={classes.doorway}>
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
