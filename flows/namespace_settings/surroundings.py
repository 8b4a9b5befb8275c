"""What a namespace gives to the flows in it, its parents' gifts included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.model.defaults import Default, Defaults
from plugins.contracts.worker_selectors import WantedWorkers, fallback_in, wanted_workers
from tenants.queries import namespace_settings, tenant_settings


@dataclass(frozen=True, slots=True)
class Around:
    """Variables and plugin defaults that hold in a namespace; the nearest defaults come first. `workers` are for tasks
    that ask for none, `fallback` for those that do not say what becomes of them when theirs are away."""

    variables: Mapping[str, Any]
    defaults: Sequence[Default]
    workers: WantedWorkers | None = None
    fallback: str = ""


def surroundings_of(namespace: str) -> Around:
    """As they are now, in the open scope's tenant."""
    settings = namespace_settings(namespace)
    variables = {name: value for each in settings for name, value in each.variables.items()}
    written = [
        {**entry, "level": level}
        for level, each in enumerate(reversed(settings), 1)
        for entry in each.settings.get("pluginDefaults") or ()
        if isinstance(entry, dict)
    ]
    selectors = [*(each.settings for each in reversed(settings)), tenant_settings()]
    return Around(variables, _defaults_in(written), *_workers_in(selectors))


def _workers_in(settings: Iterable[Mapping[str, Any]]) -> tuple[WantedWorkers | None, str]:
    """The nearest that says any, and the nearest that says what then."""
    said = [each.get("defaultWorkerSelector") for each in settings]
    told = [each for each in said if isinstance(each, dict)]
    workers = next(filter(None, (wanted_workers(each, each) for each in told)), None)
    return workers, next(filter(None, map(fallback_in, told)), "")


@dataclass(frozen=True, slots=True)
class Gift:
    """What a namespace, or one above it, gives: a variable, or plugin defaults. `hidden_by` names a nearer one that
    gives the same variable another value."""

    namespace: str
    value: Any
    name: str = ""
    hidden_by: str = ""


def variables_around(namespace: str) -> list[Gift]:
    """Every variable with the namespace that gives it, the nearest first."""
    holds: dict[str, str] = {}
    found = []
    for each in reversed(namespace_settings(namespace)):
        for name, value in sorted(each.variables.items()):
            found.append(Gift(each.name, value, name, hidden_by=holds.get(name, "")))
            holds.setdefault(name, each.name)
    return found


def defaults_around(namespace: str) -> list[Gift]:
    """Plugin defaults as they were written, each with its namespace, the nearest first."""
    return [
        Gift(each.name, entry)
        for each in reversed(namespace_settings(namespace))
        for entry in each.settings.get("pluginDefaults") or ()
        if isinstance(entry, dict) and isinstance(entry.get("type"), str)
    ]


def namespace_defaults(namespace: str) -> Defaults:
    return Defaults(namespace=surroundings_of(namespace).defaults)


def as_kept(defaults: Defaults) -> list[dict[str, Any]]:
    """As a revision keeps those it was saved under, so that it reads the same when the namespace has forgotten them."""
    return [
        {"type": each.type, "values": dict(each.values), "forced": each.forced, "level": each.level}
        for each in defaults
    ]


def from_kept(written: Sequence[Mapping[str, Any]]) -> Defaults:
    return Defaults(namespace=_defaults_in(written))


def _defaults_in(written: Sequence[Mapping[str, Any]]) -> tuple[Default, ...]:
    return tuple(
        Default(entry["type"], entry["values"], entry.get("forced") is True, int(entry.get("level") or 1))
        for entry in written
        if isinstance(entry.get("type"), str) and isinstance(entry.get("values"), dict)
    )
