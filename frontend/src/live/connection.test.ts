import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveConnection, type Message, type Socket } from "./connection";

class FakeSocket implements Socket {
  readyState = 0;
  onopen: Socket["onopen"] = null;
  onclose: Socket["onclose"] = null;
  onmessage: Socket["onmessage"] = null;
  sent: Record<string, unknown>[] = [];

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  accept() {
    this.readyState = 1;
    this.onopen?.();
  }
  fail() {
    this.readyState = 3;
    this.onclose?.();
  }
  say(message: Message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

let sockets: FakeSocket[];
let connection: LiveConnection;
const last = () => sockets[sockets.length - 1] as FakeSocket;

function watcher() {
  return { state: vi.fn(), change: vi.fn(), end: vi.fn(), error: vi.fn() };
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  connection = new LiveConnection(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  });
});
afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

describe("the live connection", () => {
  it("asks for what was subscribed before it was open and hands on the state and the changes", () => {
    const handlers = watcher();
    connection.subscribe({ topic: "execution", executionId: "e1" }, handlers);
    last().accept();
    expect(last().sent).toEqual([{ type: "subscribe", id: "1", topic: "execution", executionId: "e1" }]);
    last().say({ type: "state", id: "1", cursor: 4, data: { id: "e1" } });
    last().say({ type: "change", id: "1", cursor: 5, data: { taskRuns: [] } });
    expect(handlers.state).toHaveBeenCalledWith({ id: "e1" });
    expect(handlers.change).toHaveBeenCalledWith({ taskRuns: [] });
  });

  it("resubscribes with the last cursor when a change is missing, and drops late ones of the old subscription", () => {
    const handlers = watcher();
    connection.subscribe({ topic: "executions" }, handlers);
    last().accept();
    last().say({ type: "state", id: "1", cursor: 1, data: {} });
    last().say({ type: "change", id: "1", cursor: 3, data: { lost: "two" } });
    expect(handlers.change).not.toHaveBeenCalled();
    expect(last().sent.slice(1)).toEqual([
      { type: "unsubscribe", id: "1" },
      { type: "subscribe", id: "2", topic: "executions", cursor: 1 },
    ]);
    last().say({ type: "change", id: "1", cursor: 4, data: {} });
    expect(handlers.change).not.toHaveBeenCalled();
  });

  it("ignores a change it has already seen", () => {
    const handlers = watcher();
    connection.subscribe({ topic: "executions" }, handlers);
    last().accept();
    last().say({ type: "state", id: "1", cursor: 7, data: {} });
    last().say({ type: "change", id: "1", cursor: 7, data: {} });
    expect(handlers.change).not.toHaveBeenCalled();
  });

  it("comes back after a loss, asking from the last cursor on", () => {
    connection.subscribe({ topic: "logs", executionId: "e1" }, watcher());
    last().accept();
    last().say({ type: "state", id: "1", cursor: 9, data: { logs: [] } });
    last().fail();
    expect(connection.status).toBe("reconnecting");
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(2);
    last().accept();
    expect(last().sent).toEqual([
      { type: "subscribe", id: "1", topic: "logs", executionId: "e1", cursor: 9 },
    ]);
    expect(connection.status).toBe("live");
  });

  it("hears of what begins again after its end, and asks for it again after a loss", () => {
    const handlers = watcher();
    connection.subscribe({ topic: "execution", executionId: "e1" }, handlers);
    last().accept();
    last().say({ type: "state", id: "1", cursor: 4, data: {} });
    last().say({ type: "end", id: "1" });
    expect(handlers.end).toHaveBeenCalledOnce();
    last().say({ type: "change", id: "1", cursor: 5, data: { taskRuns: [] } });
    expect(handlers.change).toHaveBeenCalledWith({ taskRuns: [] });
    last().fail();
    vi.advanceTimersByTime(1000);
    last().accept();
    expect(last().sent).toEqual([
      { type: "subscribe", id: "1", topic: "execution", executionId: "e1", cursor: 5 },
    ]);
  });

  it("lets go of what has ended when nobody shows it any more", () => {
    const leave = connection.subscribe({ topic: "execution", executionId: "e1" }, watcher());
    last().accept();
    last().say({ type: "end", id: "1" });
    leave();
    expect(last().sent.slice(1)).toEqual([{ type: "unsubscribe", id: "1" }]);
  });

  it("asks no more for what was refused", () => {
    const handlers = watcher();
    connection.subscribe({ topic: "logs", executionId: "e1" }, handlers);
    last().accept();
    last().say({ type: "error", id: "1", code: "not_found", message: "no" });
    expect(handlers.error).toHaveBeenCalledWith("not_found", "no");
    last().fail();
    vi.advanceTimersByTime(1000);
    last().accept();
    expect(last().sent).toEqual([]);
  });

  it("says offline after several failures and tries again at once when woken", () => {
    connection.subscribe({ topic: "executions" }, watcher());
    for (let attempt = 0; attempt < 4; attempt += 1) {
      last().fail();
      vi.advanceTimersByTime(20_000);
    }
    expect(connection.status).toBe("offline");
    last().fail();
    const before = sockets.length;
    connection.wake();
    expect(sockets.length).toBe(before + 1);
  });

  it("is not live once the machine has no network, and comes back when it has", () => {
    connection.subscribe({ topic: "executions" }, watcher());
    last().accept();
    connection.sleep();
    expect(connection.status).toBe("reconnecting");
    connection.wake();
    last().accept();
    expect(sockets).toHaveLength(2);
    expect(connection.status).toBe("live");
  });

  it("replaces a connection that has been silent for too long", () => {
    connection.subscribe({ topic: "executions" }, watcher());
    last().accept();
    vi.advanceTimersByTime(90_000);
    expect(sockets).toHaveLength(2);
  });
});
