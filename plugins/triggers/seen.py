"""What a trigger on a place full of things remembers of them: which it has seen, and in which version."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.services import KeyValues
from plugins.triggers.kinds import PollingTrigger

MOST = 10_000
"""Things in one place that can be remembered."""


class On(enum.StrEnum):
    """What makes a thing one to start for."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    CREATE_OR_UPDATE = "CREATE_OR_UPDATE"


@dataclass(frozen=True, slots=True)
class Fresh:
    """The things to start for, and what is known after that."""

    names: Sequence[str]
    known: Mapping[str, str]


def fresh(known: Mapping[str, str], there: Mapping[str, str], on: On, most: int) -> Fresh:
    """Of the things that are there, each with its version; at most so many, the others the next time.

    One that is gone is forgotten: when it comes back it is new.
    """
    kept = {name: version for name, version in known.items() if name in there}
    found: list[str] = []
    for name, version in there.items():
        if kept.get(name) == version:
            continue
        is_wanted = on is On.CREATE_OR_UPDATE or (on is On.CREATE) is (name not in kept)
        if is_wanted and len(found) == most:
            continue
        if is_wanted:
            found.append(name)
        kept[name] = version
    return Fresh(found, kept)


class RemembersSeen(PollingTrigger):
    """A trigger that starts once for each thing it sees, and once more for each version of it."""

    on: On = On.CREATE_OR_UPDATE
    """Start for things that are new, for those that have changed, or for both."""
    state_key: Property[str] | None = None
    """The pair of the namespace that remembers what was seen; one of its own when absent."""
    state_ttl: Property[timedelta] | None = None
    """How long it is remembered; for good when absent."""

    def key(self, ctx: RunContext) -> str:
        return ctx.render(self.state_key) if self.state_key is not None else f"{ctx.flow_id}_{self.id}_seen"

    def ttl(self, ctx: RunContext) -> float | None:
        return ctx.render(self.state_ttl).total_seconds() if self.state_ttl is not None else None

    def known(self, ctx: RunContext) -> dict[str, str]:
        """What it has seen before, each with its version."""
        pairs: KeyValues = ctx.service("kv")
        kept = pairs.find(key=self.key(ctx), namespace=ctx.namespace)
        value = kept["value"] if kept is not None else {}
        return {str(name): str(version) for name, version in value.items()} if isinstance(value, dict) else {}

    def remember(self, ctx: RunContext, known: Mapping[str, str]) -> None:
        """Where nothing begins with it."""
        pairs: KeyValues = ctx.service("kv")
        pairs.put(key=self.key(ctx), value=dict(known), namespace=ctx.namespace, type="JSON", ttl=self.ttl(ctx))


def check_number(count: int) -> None:
    if count > MOST:
        raise PluginError(f"More than {MOST} things are there: narrow them down", retryable=False)
