"""The lines that a group serves, and how much of a worker each of them may take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workers.models import DEFAULT_GROUP

DEFAULT_QUEUE = "default"
STRICT = "STRICT"
_PREFIX = "queue:"
UNROUTED = _PREFIX
"""Where jobs wait whose tags no queue has yet."""


@dataclass(frozen=True, slots=True)
class Line:
    """`tenants` empty means all; `reserved` are slots that are kept for it, and all it gets when it is strict."""

    key: str
    tenants: tuple[str, ...] = ()
    reserved: int = 0
    is_strict: bool = False


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A queue whose jobs a group takes, as the database tells it."""

    queue: str
    percent: int
    mode: str
    tenants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """All lines of a worker. `shared` are its slots that no line has to itself."""

    all: tuple[Line, ...]
    shared: int = 0

    @property
    def are_bounded(self) -> bool:
        """Whether what one may take depends on what the worker has of the others."""
        return any(line.is_strict for line in self.all) or (
            len(self.all) > 1 and any(line.reserved for line in self.all)
        )

    def after(self, key: str) -> list[Line]:
        """In turn, beginning behind the one that was served last."""
        place = next((number for number, line in enumerate(self.all, 1) if line.key == key), 0)
        return [*self.all[place:], *self.all[:place]]


def line_of(queue: str) -> str:
    """Where jobs of a queue wait. The default queue is the line of the default group."""
    return DEFAULT_GROUP if queue == DEFAULT_QUEUE else f"{_PREFIX}{queue}"


def queue_in(line: str) -> str | None:
    """The queue of a line, None when it is a group's own."""
    if line == DEFAULT_GROUP:
        return DEFAULT_QUEUE
    return line.removeprefix(_PREFIX) if line.startswith(_PREFIX) else None


def lines_of(group: str, slots: int, subscribed: Sequence[Subscribed]) -> Lines:
    """The group's own line, which takes the jobs that name its key, and those of its queues."""
    found = {line_of(each.queue): _line(each, slots) for each in subscribed}
    if group not in found:
        found[group] = Line(group, allowed_at(subscribed))
    shared = max(0, slots - sum(line.reserved for line in found.values()))
    return Lines(tuple(found[key] for key in sorted(found)), shared)


def allowed_at(subscribed: Iterable[Subscribed]) -> tuple[str, ...]:
    """Who may name a group by its key: when all its queues are kept for some tenants, those alone."""
    known = list(subscribed)
    if not known or any(not each.tenants for each in known):
        return ()
    return tuple(sorted({tenant for each in known for tenant in each.tenants}))


def reserved_slots(percent: int, slots: int) -> int:
    """At least one, where anything is reserved at all."""
    return max(1, slots * percent // 100) if percent else 0


def _line(each: Subscribed, slots: int) -> Line:
    return Line(
        line_of(each.queue), tuple(sorted(each.tenants)), reserved_slots(each.percent, slots), each.mode == STRICT
    )
