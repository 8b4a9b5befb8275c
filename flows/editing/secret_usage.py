"""Which flows name which secrets: found in their sources, so that one that is missing is seen before it hurts."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Q

from audit.queries import Read, last_reads
from control_plane.kernel.collation import below
from flows.queries import living_flows
from stores.permissions import SECRET
from stores.secrets.queries import keys_of
from tenants.models import Namespace
from tenants.namespaces.inheritance import lineage

MOST_FLOWS = 5_000
_CALL = re.compile(
    r"""\bsecret\(\s*(?:key\s*=\s*)?\\?['"]{1,2}(?P<key>[A-Za-z0-9][A-Za-z0-9._-]*)\\?['"]{1,2}\s*(?P<rest>[^)]*)\)"""
)
_PLACE = r"""\\?['"]{1,2}([a-z0-9][a-z0-9._-]*)\\?['"]"""
_NAMESPACE = re.compile(rf"^,\s*(?:namespace\s*=\s*)?{_PLACE}|namespace\s*=\s*{_PLACE}")

State = Literal["used", "unused", "missing", "unknown"]


@dataclass
class Usage:
    """One secret with those who name it. What an expression computes as a name is not seen."""

    key: str
    namespace: str
    state: State
    flows: list[tuple[str, str]] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    """Namespaces whose variables or plugin defaults name it."""
    last_read: Read | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    """That a flow, or the settings of a namespace, name a secret; `flow_id` is empty for settings."""

    key: str
    looked_from: str
    namespace: str
    flow_id: str


def usage_of(namespace: str) -> list[Usage]:
    """Of every secret that is set in the namespace itself, and of those that are missing in it and below."""
    named = [*_in_flows(namespace), *_in_settings(namespace)]
    known = keys_of({name for each in named for name in lineage(each.looked_from)} | {namespace})
    own = {key.upper(): Usage(key, namespace, "unused") for key in known[namespace] or []}
    missing: dict[str, Usage] = {}
    for each in named:
        holder, is_certain = _holder(each, known)
        if holder == namespace:
            _add(own[each.key.upper()], each, "used")
        elif holder is None:
            state: State = "missing" if is_certain else "unknown"
            _add(missing.setdefault(each.key.upper(), Usage(each.key, each.looked_from, state)), each, state)
    reads = last_reads(SECRET.name, own)
    for name, usage in own.items():
        usage.last_read = _last_read(usage, [each for each in reads if each.object_id == name], known)
    found = [*own.values(), *missing.values()]
    return sorted(found, key=lambda usage: (usage.state not in ("missing", "unknown"), usage.key.upper()))


def _add(usage: Usage, named: _Named, state: State) -> None:
    usage.state = state
    place = (named.namespace, named.flow_id)
    if named.flow_id and place not in usage.flows:
        usage.flows.append(place)
    elif not named.flow_id and named.namespace not in usage.settings:
        usage.settings.append(named.namespace)


def _holder(named: _Named, known: Mapping[str, list[str] | None]) -> tuple[str | None, bool]:
    """The nearest namespace that has it, and whether every place on the way could tell."""
    is_certain = True
    for name in lineage(named.looked_from):
        keys = known[name]
        if keys is None:
            is_certain = False
        elif any(key.upper() == named.key.upper() for key in keys):
            return name, is_certain
    return None, is_certain


def _last_read(usage: Usage, reads: Iterable[Read], known: Mapping[str, list[str] | None]) -> Read | None:
    """By whoever sees this one, and not another of the same name nearer to it."""
    below_it = [name for name in known if name.startswith(f"{usage.namespace}.")]
    hiding = [name for name in below_it if any(key.upper() == usage.key.upper() for key in known[name] or [])]
    seen = [each for each in reads if _is_in(each.namespace, usage.namespace)]
    seen = [each for each in seen if not any(_is_in(each.namespace, name) for name in hiding)]
    return max(seen, key=lambda each: each.at, default=None)


def _is_in(namespace: str, parent: str) -> bool:
    return namespace == parent or namespace.startswith(f"{parent}.")


def _in_flows(namespace: str) -> Iterator[_Named]:
    here = Q(namespace=namespace) | below("namespace", namespace)
    rows = living_flows().filter(here, source__contains="secret").order_by("namespace", "flow_id")
    for place, flow_id, source in rows.values_list("namespace", "flow_id", "source")[:MOST_FLOWS]:
        for key, elsewhere in named_in(source):
            yield _Named(key, elsewhere or place, place, flow_id)


def _in_settings(namespace: str) -> Iterator[_Named]:
    """Variables and plugin defaults are rendered where a flow uses them; here they count where they are said."""
    here = Q(name=namespace) | below("name", namespace)
    for row in Namespace.objects.filter(here).order_by("name"):
        said: list[Any] = [row.variables, row.settings.get("pluginDefaults") or []]
        for key, elsewhere in named_in(json.dumps(said, ensure_ascii=False)):
            yield _Named(key, elsewhere or row.name, row.name, "")


def named_in(text: str) -> Iterable[tuple[str, str | None]]:
    """The secrets that expressions in a text name, each with the namespace that is named with it."""
    found: dict[tuple[str, str | None], None] = defaultdict()
    for call in _CALL.finditer(text):
        place = _NAMESPACE.search(call["rest"])
        found[call["key"], (place[1] or place[2]) if place else None] = None
    return list(found)
