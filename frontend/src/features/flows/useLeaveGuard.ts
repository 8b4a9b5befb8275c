/** Asks before a page with unsaved changes is left. */
import { useBlocker } from "@tanstack/react-router";
import { useRef } from "react";

export function useLeaveGuard(changed: boolean) {
  const allowed = useRef(false);
  useBlocker({
    shouldBlockFn: ({ current, next }) => {
      if (allowed.current || !changed || current.pathname === next.pathname) return false;
      return !window.confirm("There are changes that are not saved. Leave them?");
    },
    enableBeforeUnload: () => changed && !allowed.current,
  });
  return {
    /** The changes are saved: leaving needs no question. */
    allow: () => {
      allowed.current = true;
    },
  };
}
