"""Addresses as settings give them: what cannot be one is refused at start, before anything tries to connect."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _one_of(*schemes: str, like: str) -> Callable[[str | None], str | None]:
    """The message says what is expected and not what was given, which may hold a password."""

    def check(value: str | None) -> str | None:
        if value is not None and not _is_address(value, schemes):
            raise ValueError(f"is no address like {like}")
        return value

    return check


def _is_address(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc or parts.path.strip("/"))


def _postgres(value: str | None) -> str | None:
    """Also in libpq's own form: `host=... dbname=...`."""
    if value is not None and "://" not in value and "=" in value:
        return value
    return _one_of("postgresql", "postgres", like="postgresql://user:password@host:5432/name")(value)


def _each_an_ip(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value != "*" and not _is_ip(value):
            raise ValueError(f"{value} is neither an IP address nor a network like 10.0.0.0/8")
    return values


def _is_ip(value: str) -> bool:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return False
    return True


DatabaseUrl = Annotated[str | None, AfterValidator(_postgres)]
RedisUrl = Annotated[
    str | None, AfterValidator(_one_of("redis", "rediss", "unix", like="redis://:password@host:6379/0"))
]
BrokerUrl = Annotated[
    str | None,
    AfterValidator(
        _one_of(
            "redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "pyamqp",
            like="amqp://user:password@host:5672/vhost or redis://:password@host:6379/0",
        )
    ),
]  # fmt: skip
WebUrl = Annotated[str | None, AfterValidator(_one_of("http", "https", like="https://flows.example.com"))]
Proxies = Annotated[tuple[str, ...], AfterValidator(_each_an_ip)]
