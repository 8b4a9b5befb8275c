/** Tabs that are links: each has an address. */
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import classes from "./NavTabs.module.css";

export interface Tab {
  id: string;
  label: string;
  to: string;
  count?: number;
}

export function NavTabs({ tabs, current, label }: { tabs: Tab[]; current: string; label: string }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    const shown = nav.current?.querySelector(`[data-tab="${current}"]`);
    shown?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <nav ref={nav} className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.id}
          data-tab={tab.id}
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
