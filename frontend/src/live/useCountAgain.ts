/** Counts anew once the feed tells of changes, but not for each of them. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLive } from "./LiveProvider";

const COUNT_EVERY_MS = 2_000;

export function useCountAgain(queryKey: QueryKey): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  function count() {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      client.invalidateQueries({ queryKey });
    }, COUNT_EVERY_MS);
  }
  useLive({ topic: "executions" }, { state: () => undefined, change: count });
}
