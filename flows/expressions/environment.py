"""What an expression may reach outside itself: one small port, a clock, a source of chance, limits."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from flows.expressions.errors import ServiceError
from flows.expressions.limits import DEFAULT_LIMITS, Limits


class Services(Protocol):
    """Everything that an expression cannot compute from its scope.

    The caller decides what a job may see; the language only checks the shape of what it asks for. A refusal is an
    `OutsideError`, which the author of the flow reads; any other failure of the port (a lost connection, a lease
    that ended) leaves the rendering as it is, for the caller to handle.
    """

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str: ...

    def credential(self, name: str) -> str: ...

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        """The value, or None when it is absent and `error_on_missing` is false."""

    def may_read(self, uri: str) -> bool:
        """Whether a file of the internal storage that is not the execution's own is one that it may read."""

    def read(self, path: str, namespace: str | None = None) -> str: ...

    def file_size(self, path: str, namespace: str | None = None) -> int: ...

    def file_exists(self, path: str, namespace: str | None = None) -> bool: ...

    def is_file_empty(self, path: str, namespace: str | None = None) -> bool: ...

    def file_uri(self, path: str, namespace: str | None = None) -> str: ...

    def http(self, request: Mapping[str, Any]) -> Any:
        """Answer the decoded body; the request has `uri`, and may have `method`, `headers`, `body` and so on."""

    def error_logs(self) -> list[Any]: ...

    def tasks_with_state(self, state: str) -> list[Any]: ...

    def app_link(self, app_id: str | None, base_url: bool) -> str: ...

    def assets(self, criteria: Mapping[str, Any]) -> list[Any]: ...

    def random_port(self) -> int: ...

    def encryption_key(self, name: str) -> bytes:
        """The 16, 24 or 32 bytes of a key that is known by a name."""


class NoServices:
    """A port with nothing behind it: every call is refused with the name of what was asked."""

    def may_read(self, uri: str) -> bool:
        return False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*_: Any, **__: Any) -> Any:
            raise ServiceError(f"`{_spoken(name)}` cannot be used here: it needs the running execution")

        return refuse


def _spoken(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join("URI" if other == "uri" else other.capitalize() for other in others)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Environment:
    """How a rendering meets the world. Give `clock` and `random` to make it repeatable.

    `timezone` is the zone of dates that name none; `recursive` renders again until nothing changes
    and takes `render` away; `legacy_timestamp_micro` keeps the nanosecond-like figure that
    `timestampMicro` gave in older versions of the language.
    """

    services: Services = field(default_factory=NoServices)
    clock: Callable[[], datetime] = utc_now
    random: random.Random = field(default_factory=random.SystemRandom)
    limits: Limits = DEFAULT_LIMITS
    timezone: str = "UTC"
    locale: str = "en"
    recursive: bool = False
    legacy_timestamp_micro: bool = False
