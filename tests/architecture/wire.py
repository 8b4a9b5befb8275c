"""Requests as the server hands them to the whole application: paths as they were sent, both halves of it behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from control_plane import asgi
from tests.cast import Person

PATIENCE = 20.0


@dataclass
class Told:
    """What came back; of a stream, its beginning."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        headers = {name: value for name, value in self.headers.items() if name != "x-request-id"}
        return f"{self.status} {sorted(headers.items())} {self.body.decode(errors='replace')}"


def send(
    method: str,
    path: str | bytes,
    *,
    who: Person | None = None,
    body: bytes = b"",
    kind: str = "application/json",
    query: str = "",
    first_piece: Callable[[], None] | None = None,
    **headers: str,
) -> Told:
    """One request to the whole application, answered as far as `PATIENCE` and the first piece of a stream.

    With `first_piece` that is called when it comes, and the stream is heard until the server ends it.
    """
    given = {"host": "testserver", "content-type": kind, "content-length": str(len(body)), **headers}
    if who is not None:
        given["authorization"] = f"Bearer {who.token}"
    raw = path if isinstance(path, bytes) else path.encode()
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw.decode("latin-1"),
        "raw_path": raw,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    return asyncio.run(_answered(scope, body, first_piece))


async def _answered(scope: dict[str, Any], body: bytes, first_piece: Callable[[], None] | None) -> Told:
    told, enough, left = Told(), asyncio.Event(), asyncio.Event()
    pieces = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if pieces:
            return pieces.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def heard(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            told.body += message["body"]
            is_stream = told.headers.get("content-type") == "text/event-stream"
            if is_stream and told.body and first_piece is not None:
                await asyncio.to_thread(first_piece)
            elif not message.get("more_body") or (is_stream and told.body):
                enough.set()

    serving = asyncio.create_task(asgi.application(scope, receive, heard))  # type: ignore[arg-type]  # a plain dict is a scope
    waiting = asyncio.create_task(enough.wait())
    await asyncio.wait({serving, waiting}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    left.set()
    waiting.cancel()
    await asyncio.wait_for(serving, PATIENCE)
    return told
