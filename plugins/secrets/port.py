"""What the platform needs of a place that keeps secrets, and how such a place says no."""

from __future__ import annotations

import enum
import functools
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, ParamSpec, Protocol, TypeVar, runtime_checkable

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import DependencyFailed, Forbidden, NotFound
from plugins.secrets.settings import BackendSettings

logger = logging.getLogger(__name__)


class SecretMissing(NotFound):
    """There is no such secret."""

    code = "secret_missing"


class SecretsReadOnly(Forbidden):
    """Secrets are only read here: they are changed where they are kept."""

    code = "secrets_read_only"


class BackendFailed(DependencyFailed):
    """The place where these secrets are kept did not do what it was asked."""

    code = "secrets_backend_failed"


class BackendAway(BackendFailed):
    """It does not answer, or not whole, or says itself that it cannot now: the same may work later."""

    code = "secrets_backend_away"


class BackendBusy(BackendAway):
    """It asks for patience; `retry_after` says for how many seconds, when it told."""

    code = "secrets_backend_busy"

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BackendRefused(BackendFailed):
    """It knows us and says no, or does not know us: rights or credentials have to change there."""

    code = "secrets_backend_refused"


class BackendMisconfigured(BackendFailed):
    """It answers, but not as such a place does: what was configured is wrong."""

    code = "secrets_backend_misconfigured"


class Act(enum.StrEnum):
    READ = "read"
    LIST = "list"
    WRITE = "write"
    DELETE = "delete"


class Level(enum.StrEnum):
    """Who configured it: the operator of the instance, or somebody in it, who is trusted less."""

    INSTANCE = "instance"
    TENANT = "tenant"
    NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose secrets: those of one namespace of one tenant, without those it inherits."""

    tenant: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Described:
    """What is told of a secret. `key` is what flows call it, as it was given."""

    key: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


_SHORTEST_HIDDEN = 4
"""Letters; shorter values would hide half of every message."""


_ASKING = ("names", "entries", "get", "put", "remove", "read")
_P = ParamSpec("_P")
_R = TypeVar("_R")


def _understood(ask: Callable[_P, _R]) -> Callable[_P, _R]:
    """An answer of another shape than such a place gives is told as one, whichever part of it is missing."""

    @functools.wraps(ask)
    def asked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return ask(*args, **kwargs)
        except (TypeError, KeyError, AttributeError, IndexError, ValueError) as error:
            logger.warning("an answer of a place of secrets was not understood", exc_info=error)
            raise BackendMisconfigured("It answers, but not as such a place does: look at its address") from None

    return asked


@runtime_checkable
class Closing(Protocol):
    """What holds connections."""

    def close(self) -> None: ...


class SecretsBackend(ABC):
    """One place that keeps secrets, as it was configured once. Threads share it.

    A subclass says how keys are found exactly as they are spelled; what is here makes case not count. Whatever goes
    wrong at the other end is a BackendFailed, never an exception of a library, and no error holds a value.
    """

    TYPE: ClassVar[str] = ""
    """What settings call it; empty for what cannot be chosen."""
    ALIASES: ClassVar[Sequence[str]] = ()
    TITLE: ClassVar[str] = ""
    SETTINGS: ClassVar[type[BackendSettings]] = BackendSettings
    LEVELS: ClassVar[frozenset[Level]] = frozenset(Level)
    """Who may choose it."""
    ACTS: ClassVar[frozenset[Act]] = frozenset(Act)
    """What it can do at all, whatever its rights are."""
    keeps_descriptions: bool = True
    keeps_tags: bool = True
    """Whether there is room for them beside the value; what there is no room for is not told anywhere."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in _ASKING:
            if name in vars(cls):
                setattr(cls, name, _understood(vars(cls)[name]))

    def __init__(self, settings: Any, level: Level, policy: EgressPolicy) -> None:
        self.settings = settings
        self.level = level
        self.policy = policy

    @abstractmethod
    def entries(self, place: Place) -> list[Described]:
        """The secrets of the place, also those without a value."""

    @abstractmethod
    def get(self, place: Place, key: str) -> str | None:
        """The value of the one that is spelled so; None when there is none or it has no value."""

    def put(self, place: Place, described: Described, value: str) -> None:
        """Set value, description and tags of the one that is spelled so; it need not be there."""
        raise SecretsReadOnly()

    def remove(self, place: Place, key: str) -> bool:
        """Forget the one that is spelled so; False when there is none."""
        raise SecretsReadOnly()

    def close(self) -> None:
        """Give up connections. Nothing is asked afterwards."""
        for each in list(vars(self).values()):
            if isinstance(each, Closing):
                each.close()

    def read(self, place: Place, key: str) -> str:
        """The value by a key in any case. Raises SecretMissing."""
        value = self.get(place, key)
        if value is not None:
            return value
        spelled = self.spelling(place, key)
        if spelled is None:
            raise SecretMissing(f"There is no secret '{key}'")
        if spelled != key:
            value = self.get(place, spelled)
        if value is None:
            raise SecretMissing(f"The secret '{key}' has no value")
        return value

    def write(self, place: Place, described: Described, value: str) -> None:
        """Set one; a key that differs from one that is there in its case alone is that one."""
        spelled = self.spelling(place, described.key) or described.key
        try:
            self.put(place, Described(spelled, described.description, described.tags), value)
        except BackendFailed as error:
            if len(value) < _SHORTEST_HIDDEN or value not in error.message:
                raise
            raise type(error)(error.message.replace(value, "******")) from None

    def delete(self, place: Place, key: str) -> bool:
        """Forget one by a key in any case; False when there was none."""
        spelled = self.spelling(place, key)
        return self.remove(place, spelled) if spelled is not None else False

    def names(self, place: Place) -> list[str]:
        """The keys alone, where that is less work."""
        return [each.key for each in self.entries(place)]

    def find(self, place: Place, key: str) -> Described | None:
        """What is told of one, by a key in any case."""
        return next((each for each in self.entries(place) if each.key.upper() == key.upper()), None)

    def spelling(self, place: Place, key: str) -> str | None:
        """How a key is spelled there; itself where names may not be listed, and None where there is no such key."""
        try:
            names = self.names(place)
        except BackendRefused:
            return key
        if key in names:
            return key
        return next((name for name in names if name.upper() == key.upper()), None)
