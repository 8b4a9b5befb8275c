"""The places that keep secrets, each opened for a test, with what the test has to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.catalog import backends, settings_of
from plugins.secrets.port import Level, SecretsBackend

NEAR = EgressPolicy(allow_private=True)
"""The servers of tests are on this machine."""


@dataclass
class Opened:
    backend: SecretsBackend
    again: Callable[[], SecretsBackend]
    is_in_one_thread: bool = False
    revive: Callable[[str], Any] = lambda key: None
    """What happens over there before a deleted secret can be set again."""


MADE: list[SecretsBackend] = []
"""What a test has opened; it is closed after it."""


def open_place(kind: str, level: Level = Level.NAMESPACE, **configuration: Any) -> SecretsBackend:
    MADE.append(backends()[kind](settings_of(kind, configuration, level), level, NEAR))
    return MADE[-1]


def opened_with(kind: str, **configuration: Any) -> Opened:
    def make() -> SecretsBackend:
        return open_place(kind, **configuration)

    return Opened(make(), make)
