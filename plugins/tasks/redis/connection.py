"""Connections to Redis and servers that speak as it does, made to addresses that were judged."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.pieces import Model
from plugins.contracts.services import Egress
from plugins.formats.messages import Serde

if TYPE_CHECKING:
    from redis import Redis

_SECONDS_TO_CONNECT = 10.0
_SECONDS_TO_ANSWER = 30.0


class OfRedisList(Model):
    """What all that works on a list of Redis has."""

    url: Property[str]
    """Where the server is: `redis://user:password@host:6379/0`, `rediss://` over TLS."""
    key: Property[str]
    """The key of the list."""
    serde_type: Property[Serde] = default("STRING")
    """Whether an element is a text, or JSON."""


@contextmanager
def redis_client(ctx: RunContext, url: str) -> Iterator[Redis]:
    """Raises PluginError with what went wrong, whatever is done with the client."""
    import redis

    given = _parts(url)
    egress: Egress = ctx.service("http")
    addresses = egress.resolve(host=given["host"], port=given["port"])
    kind = _judged_classes()[given.pop("tls")]
    pool = redis.ConnectionPool(
        connection_class=kind,
        addresses=tuple(addresses),
        socket_connect_timeout=_SECONDS_TO_CONNECT,
        socket_timeout=_SECONDS_TO_ANSWER,
        **given,
    )
    client = redis.Redis(connection_pool=pool)
    try:
        yield client
    except redis.RedisError as error:
        raise PluginError(f"Redis: {error}") from error
    finally:
        client.close()
        pool.disconnect()


def _parts(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 6379
        database = int(parts.path.strip("/") or 0)
    except ValueError:
        raise PluginError("The address of Redis is no URL", retryable=False) from None
    if parts.scheme not in ("redis", "rediss") or not host:
        raise PluginError("The address of Redis begins with redis:// or rediss:// and names a host", retryable=False)
    return {
        "host": host,
        "port": port,
        "db": database,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password) if parts.password else None,
        "tls": parts.scheme == "rediss",
    }


def _judged_classes() -> dict[bool, Any]:
    """Connections without and with TLS that go to the addresses given, while the name stays that of the URL."""
    from redis.connection import Connection, SSLConnection

    class Judged(Connection):
        def __init__(self, *args: Any, addresses: tuple[str, ...] = (), **kwargs: Any) -> None:
            self._addresses = addresses
            super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # the library does not say its types

        def _connect(self) -> socket.socket:
            for address in self._addresses[:-1]:
                try:
                    return self._connected(address)
                except OSError:
                    continue
            return self._connected(self._addresses[-1])

        def _connected(self, address: str) -> socket.socket:
            made = socket.create_connection((address, self.port), self.socket_connect_timeout)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.settimeout(self.socket_timeout)
            return made

    class JudgedTls(SSLConnection, Judged):
        """The class of TLS wraps what the one below it has connected."""

    return {False: Judged, True: JudgedTls}
