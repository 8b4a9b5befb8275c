/** The lines of one execution as they are written. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api, call } from "@/api/client";
import type { LogLine } from "@/api/types";
import { useLive, useLiveStatus } from "@/live/LiveProvider";
import { Pace } from "@/live/pace";
import { useRounds } from "@/live/useRounds";
import { LogBook } from "./lines";

/** A line is drawn at once; of many only so often. */
const DRAW_EVERY_MS = 40;
const FALLBACK_MS = 5_000;

interface LogsData {
  logs?: LogLine[];
}

export function useLiveLogs(tenant: string, executionId: string, running: boolean) {
  const [book, setBook] = useState(() => ({ of: executionId, log: new LogBook() }));
  const [lines, setLines] = useState<LogLine[]>([]);
  const [ready, setReady] = useState(false);
  const [ended, setEnded] = useState(false);
  const round = useRounds(running);
  const pace = useRef(new Pace(DRAW_EVERY_MS));
  if (book.of !== executionId) {
    setBook({ of: executionId, log: new LogBook() });
    setLines([]);
    setReady(false);
    setEnded(false);
  }
  useEffect(() => () => pace.current.cancel(), []);

  function take({ logs = [] }: LogsData) {
    setReady(true);
    if (!book.log.add(logs)) return;
    pace.current.ask(() => setLines(book.log.lines));
  }

  useLive(
    { topic: "logs", executionId },
    { state: take, change: take, end: () => setEnded(true), error: () => setReady(true) },
    round,
  );
  const fallback = useFallback(tenant, executionId, ended);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was fetched is taken once, when it arrives
  useEffect(() => {
    if (fallback.data) take({ logs: fallback.data });
  }, [fallback.data]);
  return { lines, ready, ended, error: ready ? null : fallback.error };
}

/** While there is no live connection the lines are asked for; they come without repeats all the same. */
function useFallback(tenant: string, executionId: string, ended: boolean) {
  const status = useLiveStatus();
  const cut = status === "offline" || status === "reconnecting";
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!cut) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), 2_000);
    return () => clearTimeout(timer);
  }, [cut]);
  return useQuery({
    queryKey: [tenant, "execution", executionId, "logs"],
    queryFn: () =>
      call<LogLine[]>(
        api.GET("/api/v1/{tenant}/logs/{executionId}", { params: { path: { tenant, executionId } } }),
      ),
    enabled: late && !ended,
    refetchInterval: FALLBACK_MS,
  });
}
