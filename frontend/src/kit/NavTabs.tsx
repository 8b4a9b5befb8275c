/** Tabs that are links: each has an address. */
import { Link } from "@tanstack/react-router";
import classes from "./NavTabs.module.css";

export interface Tab {
  id: string;
  label: string;
  to: string;
  count?: number;
}

export function NavTabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          to={tab.to}
          className={classes.tab}
          aria-current={tab.id === current ? "page" : undefined}
        >
          {tab.label}
          {tab.count !== undefined && <span className={classes.count}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
