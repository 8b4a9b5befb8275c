"""The figures of one exchange."""

from __future__ import annotations

import httpx

from plugins.contracts import RunContext

_ASKED = "asked"


def count_exchange(ctx: RunContext, request: httpx.Request, answer: httpx.Response) -> None:
    """How many there were and how large their heads were with what is known of their bodies."""
    answer.extensions[_ASKED] = request
    tags = tags_of(answer)
    ctx.counter("request.count", 1, tags)
    ctx.counter("response.count", 1, tags)
    ctx.counter("request.bytes", _head(request.headers) + _length(request.headers), tags)
    ctx.counter("response.bytes", _head(answer.headers) + _length(answer.headers), tags)


def tags_of(answer: httpx.Response) -> dict[str, str]:
    """What tells the figures of one exchange from those of another: what was asked, and the code that came."""
    asked = asked_of(answer)
    return {
        "request.hostname": asked.url.host,
        "request.method": asked.method,
        "request.scheme": asked.url.scheme,
        "response.code": str(answer.status_code),
    }


def asked_of(answer: httpx.Response) -> httpx.Request:
    """The request as it was sent first, before any redirect."""
    asked = answer.extensions.get(_ASKED)
    return asked if isinstance(asked, httpx.Request) else answer.request


def _head(headers: httpx.Headers) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.raw) + 2


def _length(headers: httpx.Headers) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
