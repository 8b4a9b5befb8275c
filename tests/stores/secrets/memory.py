"""A place that keeps secrets in memory and fails as a test wants."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from pydantic import SecretStr

from plugins.secrets.catalog import backends
from plugins.secrets.port import BackendFailed, Described, Place, SecretsBackend
from plugins.secrets.settings import RemoteSettings


class MemorySettings(RemoteSettings):
    address: str = "memory://one"
    token: SecretStr | None = None


class MemoryBackend(SecretsBackend):
    TYPE = "memory"
    TITLE = "Memory"
    SETTINGS = MemorySettings

    kept: ClassVar[dict[Place, dict[str, tuple[str, Described]]]] = defaultdict(dict)
    reads: ClassVar[list[str]] = []
    failure: ClassVar[BackendFailed | None] = None
    failing_acts: ClassVar[frozenset[str]] = frozenset()
    gate: ClassVar[threading.Event | None] = None

    def _act(self, name: str) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        if self.failure is not None and (not self.failing_acts or name in self.failing_acts):
            raise self.failure

    def entries(self, place: Place) -> list[Described]:
        self._act("list")
        return [described for _, described in self.kept[place].values()]

    def get(self, place: Place, key: str) -> str | None:
        self.reads.append(key)
        self._act("read")
        return self.kept[place].get(key, (None, None))[0]

    def put(self, place: Place, described: Described, value: str) -> None:
        self._act("write")
        self.kept[place][described.key] = (value, described)

    def remove(self, place: Place, key: str) -> bool:
        self._act("delete")
        return self.kept[place].pop(key, None) is not None


@contextmanager
def memory() -> Iterator[type[MemoryBackend]]:
    """May be chosen as `memory` meanwhile."""
    from stores.secrets.in_use import close_all

    kind: Any = MemoryBackend
    kind.kept.clear()
    kind.reads.clear()
    kind.failure, kind.gate, kind.failing_acts = None, None, frozenset()
    backends()["memory"] = kind
    try:
        yield kind
    finally:
        if kind.gate is not None:
            kind.gate.set()
        del backends()["memory"]
        close_all()
