import { afterEach, describe, expect, it, vi } from "vitest";
import { call, onSessionExpired, send } from "./client";
import { ApiError, NetworkError } from "./errors";

function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return Promise.resolve({ error: body, response: new Response(null, { status, headers }) });
}

afterEach(() => vi.restoreAllMocks());

describe("call", () => {
  it("throws what the server said, with its fields and reference", async () => {
    const body = {
      message: "Invalid entity: id: must not be blank",
      _embedded: { errors: [{ path: "id", message: "must not be blank" }] },
    };
    const failure = await call<unknown>(answer(422, body, { "X-Request-Id": "r-1" })).catch(
      (error: ApiError) => error,
    );
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ status: 422, reference: "r-1" });
    expect((failure as ApiError).fields).toEqual([{ path: "id", message: "must not be blank" }]);
  });

  it("tells listeners when the session has ended", async () => {
    const heard = vi.fn();
    const stop = onSessionExpired(heard);
    await call(answer(401, {})).catch(() => undefined);
    stop();
    await call(answer(401, {})).catch(() => undefined);
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

describe("send", () => {
  it("sends the cookie's token with an unsafe request and none with a safe one", async () => {
    // biome-ignore lint/suspicious/noDocumentCookie: the double-submit cookie is what is tested
    document.cookie = "csrfToken=abc%3D";
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("{}"));
    await send("/api/v1/x", { method: "POST" });
    await send("/api/v1/x");
    const headers = fetched.mock.calls.map(([, init]) => new Headers(init?.headers).get("X-CSRF-TOKEN"));
    expect(headers).toEqual(["abc=", null]);
  });

  it("names an unreachable server as such", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(send("/api/v1/x")).rejects.toBeInstanceOf(NetworkError);
  });
});
