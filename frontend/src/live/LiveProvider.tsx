/** Gives every page of a tenant its live connection. */

import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";
import { parseJson, stringifyJson } from "@/api/json";
import { type Handlers, LiveConnection, type Socket, type Status, type Topic } from "./connection";

const LiveContext = createContext<LiveConnection | null>(null);

export function LiveProvider({ tenant, children }: { tenant: string; children: ReactNode }) {
  const connection = useMemo(() => new LiveConnection(() => openSocket(tenant)), [tenant]);

  useEffect(() => {
    const wake = () => {
      if (document.visibilityState === "visible") connection.wake();
    };
    const sleep = () => connection.sleep();
    connection.reopen();
    window.addEventListener("online", wake);
    window.addEventListener("offline", sleep);
    document.addEventListener("visibilitychange", wake);
    return () => {
      window.removeEventListener("online", wake);
      window.removeEventListener("offline", sleep);
      document.removeEventListener("visibilitychange", wake);
      connection.close();
    };
  }, [connection]);

  return <LiveContext value={connection}>{children}</LiveContext>;
}

export function useLiveStatus(): Status {
  const connection = useContext(LiveContext);
  return useSyncExternalStore(
    (listener) => connection?.watch(listener) ?? (() => undefined),
    () => connection?.status ?? "idle",
  );
}

/**
 * Subscribes for as long as the component shows. What has ended stays so until `round` changes,
 * as when an execution that was over is restarted.
 */
export function useLive(topic: Topic, handlers: Handlers, round = 0): void {
  const connection = useContext(LiveContext);
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  const key = stringifyJson(topic);

  useEffect(() => {
    if (!connection) return;
    void round;
    return connection.subscribe(parseJson(key) as Topic, {
      state: (data) => latest.current.state(data),
      change: (data) => latest.current.change(data),
      end: () => latest.current.end?.(),
      error: (code, message) => latest.current.error?.(code, message),
    });
  }, [connection, key, round]);
}

function openSocket(tenant: string): Socket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const url = `${scheme}://${location.host}/api/v1/${encodeURIComponent(tenant)}/live`;
  return new WebSocket(url) as unknown as Socket;
}
