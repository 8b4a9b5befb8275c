/** The one way to the API: typed paths, the CSRF token, and errors that are thrown. */
import createClient, { type Client } from "openapi-fetch";
import { ApiError, NetworkError } from "./errors";
import { parseJson, stringifyJson } from "./json";
import { querySerializer } from "./query";
import type { paths } from "./schema";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "",
  credentials: "same-origin",
  querySerializer,
  bodySerializer: (body: unknown) => (body instanceof FormData ? body : stringifyJson(body)),
  fetch: (request) => reach(request),
});

/** Answers come as texts, which `call` reads without loss; the types are those of the schema all the same. */
export const api = asTexts(client);

function asTexts(typed: Client<paths>): Client<paths> {
  const methods = ["GET", "PUT", "POST", "DELETE", "PATCH"] as const;
  const asked = methods.map((method) => {
    const ask = typed[method] as (path: string, init?: object) => unknown;
    return [method, (path: string, init?: object) => ask(path, { ...init, parseAs: "text" })];
  });
  return { ...typed, ...Object.fromEntries(asked) };
}

client.use({
  onRequest({ request }) {
    if (!SAFE.has(request.method)) request.headers.set("X-CSRF-TOKEN", csrfToken());
    return request;
  },
});

/** Listeners hear that the session has ended, from whichever request found out. */
const expired = new Set<() => void>();
export function onSessionExpired(listener: () => void): () => void {
  expired.add(listener);
  return () => expired.delete(listener);
}

interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; anything else is thrown as an ApiError. */
export async function call<T = unknown>(answer: Promise<Answer>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return (typeof data === "string" ? read(data, response) : data) as T;
  throw refused(response, error);
}

function read(text: string, response: Response): unknown {
  if (!response.headers.get("Content-Type")?.includes("json")) return text;
  return text === "" ? undefined : parseJson(text);
}

/** A request to an address that the schema does not describe as JSON: downloads, forms, texts. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!SAFE.has(init.method ?? "GET")) headers.set("X-CSRF-TOKEN", csrfToken());
  const response = await reach(path, { ...init, headers, credentials: "same-origin" });
  if (response.ok) return response;
  throw refused(response, await bodyOf(response));
}

export function csrfToken(): string {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrfToken="));
  return cookie ? decodeURIComponent(cookie.slice("csrfToken=".length)) : "";
}

async function reach(input: RequestInfo, init?: RequestInit): Promise<Response> {
  try {
    return await globalThis.fetch(input, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new NetworkError();
  }
}

function refused(response: Response, body: unknown): ApiError {
  if (response.status === 401) for (const listener of expired) listener();
  return ApiError.from(response, body);
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return parseJson(text);
  } catch {
    return { message: text || undefined };
  }
}
