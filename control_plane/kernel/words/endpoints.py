"""A host with a port, however it was written down."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port of ours."""

    host: str
    port: int


PORTS = {"http": 80, "https": 443, "redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "valkey": 6379}


def endpoint_of(text: str) -> Endpoint:
    """From `host:port`, an IPv6 address in brackets. Raises ValueError."""
    parts = urlsplit(f"//{text.strip()}")
    if not parts.hostname or not parts.port or parts.path or parts.username is not None:
        raise ValueError(f"`{text}` is no `host:port`")
    return Endpoint(parts.hostname, parts.port)


def endpoint_of_url(url: str) -> Endpoint | None:
    """Host and port of a URL; None for one that names no host."""
    parts = urlsplit(url)
    port = parts.port or PORTS.get(parts.scheme)
    return Endpoint(parts.hostname, port) if parts.hostname and port else None
