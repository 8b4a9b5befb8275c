/** One WebSocket per tenant that carries every subscription, notices gaps and heals them. */
import { parseJson, stringifyJson } from "@/api/json";

export type Topic =
  | { topic: "execution"; executionId: string }
  | {
      topic: "logs";
      executionId: string;
      minLevel?: string /** Only lines after this one. */;
      cursor?: number;
    }
  | { topic: "executions" };

export interface Handlers {
  /** The present state: first, and again after every gap. */
  state: (data: never) => void;
  change: (data: never) => void;
  /** Nothing more comes, unless somebody starts it again: then changes follow as before. */
  end?: () => void;
  error?: (code: string, message: string) => void;
}

export type Status = "idle" | "live" | "reconnecting" | "offline";

export interface Socket {
  readyState: number;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  send: (text: string) => void;
  close: () => void;
}

export interface Message {
  type: "state" | "change" | "end" | "error" | "ping";
  id?: string;
  cursor?: number;
  data?: unknown;
  code?: string;
  message?: string;
}

interface Subscription {
  id: string;
  topic: Topic;
  handlers: Handlers;
  cursor: number | undefined;
  refused: boolean;
}

const FIRST_RETRY_MS = 400;
const LONGEST_RETRY_MS = 15_000;
const SILENCE_MS = 60_000;
const OFFLINE_AFTER = 4;

export class LiveConnection {
  status: Status = "idle";
  private socket: Socket | null = null;
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly watchers = new Set<() => void>();
  private failures = 0;
  private lastId = 0;
  private heard = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setInterval> | undefined;
  private closed = false;

  constructor(private readonly open: () => Socket) {}

  subscribe(topic: Topic, handlers: Handlers): () => void {
    const subscription: Subscription = {
      id: this.nextId(),
      topic,
      handlers,
      cursor: undefined,
      refused: false,
    };
    this.subscriptions.set(subscription.id, subscription);
    if (this.isOpen()) this.request(subscription);
    else this.connect();
    return () => this.unsubscribe(subscription);
  }

  watch(listener: () => void): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }

  /** Called when the machine is back: after sleep a socket may look open and be dead. */
  wake(): void {
    if (this.isOpen() && Date.now() - this.heard > SILENCE_MS / 2) this.drop();
    else if (!this.isOpen()) {
      this.failures = 0;
      this.connect();
    }
  }

  /** Called when the machine says that it has no network: a socket may look open for long after. */
  sleep(): void {
    if (this.socket) this.lost();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearInterval(this.watchdog);
    this.detach();
    this.become("idle");
  }

  reopen(): void {
    this.closed = false;
    this.connect();
  }

  private unsubscribe(subscription: Subscription): void {
    this.subscriptions.delete(subscription.id);
    if (this.isOpen() && !subscription.refused) this.tell({ type: "unsubscribe", id: subscription.id });
  }

  private connect(): void {
    if (this.closed || this.socket || this.subscriptions.size === 0) return;
    clearTimeout(this.retry);
    if (this.status !== "offline") this.become("reconnecting");
    const socket = this.open();
    this.socket = socket;
    socket.onopen = () => this.opened();
    socket.onclose = () => this.lost();
    socket.onmessage = (event) => this.receive(parseJson(event.data) as Message);
  }

  private opened(): void {
    this.failures = 0;
    this.heard = Date.now();
    clearInterval(this.watchdog);
    this.watchdog = setInterval(() => this.checkSilence(), SILENCE_MS / 4);
    this.become("live");
    for (const subscription of this.subscriptions.values())
      if (!subscription.refused) this.request(subscription);
  }

  private lost(): void {
    this.detach();
    clearInterval(this.watchdog);
    if (this.closed) return;
    this.failures += 1;
    this.become(this.failures >= OFFLINE_AFTER ? "offline" : "reconnecting");
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.failures - 1));
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
  }

  private checkSilence(): void {
    if (Date.now() - this.heard > SILENCE_MS) this.drop();
  }

  private drop(): void {
    clearInterval(this.watchdog);
    this.detach();
    this.failures = 0;
    this.connect();
  }

  private detach(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  private receive(message: Message): void {
    this.heard = Date.now();
    const subscription = message.id === undefined ? undefined : this.subscriptions.get(message.id);
    if (!subscription) return;
    if (message.type === "state") this.receiveState(subscription, message);
    else if (message.type === "change") this.receiveChange(subscription, message);
    else if (message.type === "end") subscription.handlers.end?.();
    else if (message.type === "error") {
      subscription.refused = true;
      subscription.handlers.error?.(message.code ?? "", message.message ?? "");
    }
  }

  private receiveState(subscription: Subscription, message: Message): void {
    subscription.cursor = message.cursor;
    subscription.handlers.state(message.data as never);
  }

  private receiveChange(subscription: Subscription, message: Message): void {
    const { cursor } = subscription;
    if (message.cursor !== undefined && cursor !== undefined) {
      if (message.cursor <= cursor) return;
      if (message.cursor > cursor + 1) {
        this.heal(subscription);
        return;
      }
    }
    subscription.cursor = message.cursor ?? cursor;
    subscription.handlers.change(message.data as never);
  }

  /** Asks again under a new id, so that what is still on its way for the old one is ignored. */
  private heal(subscription: Subscription): void {
    this.subscriptions.delete(subscription.id);
    this.tell({ type: "unsubscribe", id: subscription.id });
    subscription.id = this.nextId();
    this.subscriptions.set(subscription.id, subscription);
    this.request(subscription);
  }

  private request({ id, topic, cursor }: Subscription): void {
    this.tell({ type: "subscribe", id, ...topic, ...(cursor === undefined ? {} : { cursor }) });
  }

  private tell(message: object): void {
    this.socket?.send(stringifyJson(message));
  }

  private isOpen(): boolean {
    return this.socket?.readyState === 1;
  }

  private nextId(): string {
    this.lastId += 1;
    return String(this.lastId);
  }

  private become(status: Status): void {
    if (this.status === status) return;
    this.status = status;
    for (const watcher of this.watchers) watcher();
  }
}
