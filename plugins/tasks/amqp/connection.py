"""Connections to RabbitMQ and servers that speak AMQP 0-9-1, made to addresses that were judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.pieces import Model
from plugins.contracts.services import Egress
from plugins.formats.messages import Serde, value_of

HEARTBEAT = 30
_SECONDS_TO_CONNECT = 10
_SECONDS_TO_ANSWER = 30


class OfAmqp(Model):
    """What all that speaks to a broker has."""

    host: Property[str] | None = None
    """The machine of the broker."""
    port: Property[int] = default(5672)
    """Its port."""
    username: Property[str] | None = None
    """The user; `guest` when absent."""
    password: Property[str] | None = None
    """The password of the user; `guest` when absent."""
    virtual_host: Property[str] = default("/")
    """The virtual host."""
    tls: Property[bool] = default(False)
    """Speak over TLS."""
    url: Property[str] | None = Field(default=None, json_schema_extra={"deprecated": True})
    """All of this in one: `amqp://user:password@host:5672/vhost`."""
    serde_type: Property[Serde] = default("STRING")
    """Whether the content of a message is a text, or JSON."""


@contextmanager
def amqp_connection(ctx: RunContext, of: OfAmqp) -> Iterator[Any]:
    """An open connection. Raises PluginError with what went wrong, whatever is done with it."""
    import amqp

    given = _given(ctx, of)
    egress: Egress = ctx.service("http")
    host, port = given["host"], given["port"]
    address = egress.resolve(host=host, port=port)[0]
    where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    connection = amqp.Connection(
        where,
        userid=given["user"],
        password=given["password"],
        virtual_host=given["virtual_host"],
        ssl={"server_hostname": host} if given["tls"] else False,
        login_method="PLAIN",
        heartbeat=HEARTBEAT,
        connect_timeout=_SECONDS_TO_CONNECT,
        read_timeout=_SECONDS_TO_ANSWER,
        write_timeout=_SECONDS_TO_ANSWER,
    )
    try:
        connection.connect()
        yield connection
    except (amqp.exceptions.AMQPError, OSError) as error:
        raise PluginError(f"The broker: {error or type(error).__name__}") from error
    finally:
        with suppress(Exception):
            connection.close()


def _given(ctx: RunContext, of: OfAmqp) -> dict[str, Any]:
    user = ctx.render(of.username) if of.username is not None else "guest"
    password = ctx.render(of.password) if of.password is not None else "guest"
    if of.url is not None:
        return _of_url(ctx.render(of.url), user, password)
    if of.host is None:
        raise PluginError("`host` says where the broker is", retryable=False)
    return {
        "host": ctx.render(of.host),
        "port": ctx.render(of.port),
        "user": user,
        "password": password,
        "virtual_host": ctx.render(of.virtual_host),
        "tls": ctx.render(of.tls),
    }


def _of_url(url: str, user: str, password: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise PluginError("The address of the broker is no URL", retryable=False) from None
    if parts.scheme not in ("amqp", "amqps") or not parts.hostname:
        raise PluginError("The address of the broker begins with amqp:// and names a host", retryable=False)
    is_tls = parts.scheme == "amqps"
    return {
        "host": parts.hostname,
        "port": port or (5671 if is_tls else 5672),
        "user": unquote(parts.username) if parts.username else user,
        "password": unquote(parts.password) if parts.password else password,
        "virtual_host": unquote(parts.path.removeprefix("/")) or "/",
        "tls": is_tls,
    }


_SHOWN = {
    "content_type": "contentType",
    "content_encoding": "contentEncoding",
    "application_headers": "headers",
    "delivery_mode": "deliveryMode",
    "priority": "priority",
    "message_id": "messageId",
    "correlation_id": "correlationId",
    "reply_to": "replyTo",
    "expiration": "expiration",
    "timestamp": "timestamp",
    "type": "type",
    "user_id": "userId",
    "app_id": "appId",
}


def message_of(message: Any, serde: Serde) -> dict[str, Any]:
    """A message as flows see it: its properties, and its content as `data`."""
    given: Mapping[str, Any] = message.properties
    shown = {name: _plain(given[key]) for key, name in _SHOWN.items() if given.get(key) is not None}
    return {**shown, "data": value_of(message.body, serde)}


def _plain(value: Any) -> Any:
    """Of headers too, which may hold times, bytes and exact numbers."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str | int | float | bool | None) else str(value)
