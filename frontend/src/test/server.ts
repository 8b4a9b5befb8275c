/** A server for tests: answers what a test has laid out and remembers what was asked. */
import { afterEach, beforeEach, vi } from "vitest";

interface Laid {
  method: string;
  path: RegExp;
  status: number;
  body: unknown | ((asked: Asked) => unknown);
}

export interface Asked {
  method: string;
  path: string;
  search: URLSearchParams;
  text: string;
  json: unknown;
  headers: Headers;
  /** What a form held, in its order. */
  parts: [string, string][];
}

class Written {
  constructor(readonly json: string) {}
}

/** An answer in exactly these letters, for numbers that a value of JavaScript would not hold. */
export function asJson(text: string): unknown {
  return new Written(text);
}

let laid: Laid[] = [];
let asked: Asked[] = [];

/** `path` may hold `*` for any one segment; the newest answer wins. */
export function serve(method: string, path: string, body: unknown = {}, status = 200): void {
  const escaped = path.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]+");
  laid.unshift({ method, path: new RegExp(`^${escaped}$`), status, body });
}

export function requests(method: string, path: string): Asked[] {
  return asked.filter((one) => one.method === method && one.path === path);
}

beforeEach(() => {
  laid = [];
  asked = [];
  vi.stubGlobal("fetch", answer);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function answer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = input instanceof Request ? input : undefined;
  const url = new URL(request?.url ?? String(input), "http://localhost");
  const method = request?.method ?? init?.method ?? "GET";
  const one = await remember(method, url, request, init);
  const found = laid.find((rule) => rule.method === method && rule.path.test(url.pathname));
  if (!found)
    return new Response(JSON.stringify({ message: `Not laid out: ${method} ${url.pathname}` }), {
      status: 404,
    });
  const body = typeof found.body === "function" ? found.body(one) : found.body;
  const written = body instanceof Written;
  const text = written ? body.json : typeof body === "string" ? body : JSON.stringify(body);
  return new Response(found.status === 204 ? null : text, {
    status: found.status,
    headers: { "Content-Type": typeof body === "string" && !written ? "text/plain" : "application/json" },
  });
}

async function remember(
  method: string,
  url: URL,
  request: Request | undefined,
  init?: RequestInit,
): Promise<Asked> {
  const text = request ? await request.clone().text() : await textOf(init?.body);
  const headers = request?.headers ?? new Headers(init?.headers);
  const one = {
    method,
    path: url.pathname,
    search: url.searchParams,
    text,
    json: parsed(text),
    headers,
    parts: partsOf(text),
  };
  asked.push(one);
  return one;
}

async function textOf(body: BodyInit | null | undefined): Promise<string> {
  if (body instanceof Blob) return body.text();
  return typeof body === "string" ? body : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function partsOf(text: string): [string, string][] {
  const boundary = text.slice(0, text.indexOf("\r\n"));
  if (!boundary.startsWith("--")) return [];
  return text
    .split(boundary)
    .slice(1, -1)
    .map((part) => [/name="([^"]*)"/.exec(part)?.[1] ?? "", part.slice(part.indexOf("\r\n\r\n") + 4, -2)]);
}
