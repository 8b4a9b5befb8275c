/** What can be done with the rows that are selected. */
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./SelectionBar.module.css";
import { useShortcut } from "./shortcuts";

interface SelectionBarProps {
  count: number;
  onClear: () => void;
  children: ReactNode;
}

export function SelectionBar({ count, onClear, children }: SelectionBarProps) {
  useShortcut("Escape", "Select nothing", onClear, count > 0);
  if (count === 0) return null;
  return (
    <div className={classes.bar} role="toolbar" aria-label="Selected rows">
      <span className={classes.count}>{count} selected</span>
      {children}
      <Button variant="subtle" color="gray" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}
