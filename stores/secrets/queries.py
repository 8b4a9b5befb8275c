"""Reads of secrets for people: their names, wherever they are kept, and never a value."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.secrets.catalog import backends
from plugins.secrets.port import Act, Described, Place
from stores.models import Secret
from stores.secrets import built_in
from stores.secrets.choice import PEOPLE, Choice, choice, choices
from stores.secrets.in_use import guarded
from tenants.namespaces.inheritance import lineage

MOST_PLACES = 50
"""Namespaces whose secrets other systems are asked for, for one list."""
MOST_SECONDS = 10.0
"""After which no further one is asked."""


@dataclass(frozen=True, slots=True)
class Named:
    """A secret as it is told of, wherever it is kept."""

    namespace: str
    key: str
    description: str
    tags: Sequence[dict[str, str]]


def inherited_keys(namespace: str) -> dict[str, list[str]]:
    """The keys seen from a namespace, as they were given, by the namespace in which each was set, nearest first.

    A place that cannot tell has none to show here.
    """
    line = lineage(namespace)
    found = keys_of(line)
    return {name: found[name] or [] for name in line}


def keys_of(namespaces: Iterable[str]) -> dict[str, list[str] | None]:
    """The keys that are set in each namespace itself; None where the place that keeps them cannot tell now."""
    chosen = choices(namespaces)
    found: dict[str, list[str] | None] = {name: [] for name in chosen}
    ours = [name for name, each in chosen.items() if each.is_built_in]
    rows = list(built_in.rows_of(ours).order_by("key").only("namespace", "key", "name"))
    for name in ours:
        found[name] = [row.shown_key for row in rows if row.namespace == name]
    end = time.monotonic() + MOST_SECONDS
    for number, name in enumerate(name for name, each in chosen.items() if not each.is_built_in):
        found[name] = None
        if number < MOST_PLACES and time.monotonic() < end:
            with suppress(ControlPlaneError):
                found[name] = [each.key for each in elsewhere(name, chosen[name])]
    return found


def elsewhere(namespace: str, chosen: Choice) -> list[Named]:
    """The secrets of a namespace in the place that keeps them. Raises BackendFailed."""
    chosen.require(PEOPLE)
    entries = guarded(chosen).entries(Place(current_tenant(), namespace))
    return [_named(namespace, each) for each in sorted(entries, key=lambda each: each.key.upper())]


def all_elsewhere(namespaces: Iterable[str]) -> Iterator[Named]:
    """Those of many namespaces; a place that fails, or is late, has none to show here: its own page says so."""
    chosen = choices(namespaces)
    outside = [name for name, each in chosen.items() if not each.is_built_in]
    end = time.monotonic() + MOST_SECONDS
    for name in outside[:MOST_PLACES]:
        if time.monotonic() > end:
            return
        try:
            yield from elsewhere(name, chosen[name])
        except ControlPlaneError:
            continue


def in_database(secret: Secret) -> Named:
    return Named(secret.namespace, secret.shown_key, secret.description, secret.tags)


def standing(namespace: str) -> dict[str, Any]:
    """Where the secrets of a namespace are kept, who said so, and how that place did when it was asked last."""
    chosen = choice(namespace)
    told = {
        "type": chosen.name,
        "level": chosen.level.value,
        "saidBy": chosen.said_by,
        "readOnly": is_read_only(chosen),
        "state": "ok",
    }
    if chosen.is_built_in:
        return told
    try:
        found = guarded(chosen).standing
    except ControlPlaneError as error:
        return {**told, "state": "failing", "message": error.message}
    return {**told, "state": found.state, **({"message": found.message} if found.message else {})}


def is_read_only(chosen: Choice) -> bool:
    """Whether nothing can be changed from here: it was said so, or the place is like that."""
    if chosen.is_read_only:
        return True
    if chosen.is_built_in:
        return False
    backend = backends().get(chosen.type)
    return backend is None or Act.WRITE not in backend.ACTS


def _named(namespace: str, described: Described) -> Named:
    tags = [{"key": key, "value": value} for key, value in sorted(described.tags.items())]
    return Named(namespace, described.key, described.description, tags)
