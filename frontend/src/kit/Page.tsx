/** The frame of every page: heading, actions, tabs and content. */
import type { ReactNode } from "react";
import { useEffect } from "react";
import classes from "./Page.module.css";

interface PageProps {
  title: ReactNode;
  /** The name in the browser's tab. */
  name: string;
  badge?: ReactNode;
  aside?: ReactNode;
  actions?: ReactNode;
  tabs?: ReactNode;
  /** The content manages its own scrolling and fills the height (editors, logs, virtual lists). */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, name, badge, aside, actions, tabs, fill = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${name} · Orrery`;
  }, [name]);
  return (
    <div className={classes.page} data-fill={fill || undefined}>
      <header className={classes.header}>
        <div className={classes.heading}>
          <h1 className={classes.title}>{title}</h1>
          {badge}
          {aside && <div className={classes.aside}>{aside}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {tabs}
      <div className={classes.content}>{children}</div>
    </div>
  );
}
