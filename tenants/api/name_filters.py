"""Filters over names in memory: implied namespaces are rows of no table."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import re2
from django.http import QueryDict

from control_plane.kernel.api.filter_fields import Op, items, one, pattern
from control_plane.kernel.api.filters import Condition, conditions
from control_plane.kernel.api.pages import order_of
from control_plane.kernel.words.errors import BadParameter

_LEGACY = {"q": ("q", Op.EQUALS)}
_TESTS: dict[Op, Callable[[str, str], bool]] = {
    Op.EQUALS: lambda name, value: name == value,
    Op.NOT_EQUALS: lambda name, value: name != value,
    Op.STARTS_WITH: str.startswith,
    Op.ENDS_WITH: str.endswith,
    Op.CONTAINS: lambda name, value: value.lower() in name.lower(),
    Op.PREFIX: lambda name, value: name == value or name.startswith(f"{value}."),
}


def matching(query: QueryDict, names: Iterable[str]) -> list[str]:
    found = list(names)
    for condition in conditions(query, _LEGACY):
        found = _matching(condition, found)
    return found


def _matching(condition: Condition, names: list[str]) -> list[str]:
    field, op = condition.field, condition.op
    if condition.key is not None:
        raise BadParameter(f"`{field}` has no keys to filter by")
    if field == "q" and op in (Op.EQUALS, Op.CONTAINS):
        return [name for name in names if one(field, condition.value).lower() in name.lower()]
    if field not in ("namespace", "id"):
        raise BadParameter(f"cannot filter by `{field}`: use one of id, namespace, q")
    if op in (Op.IN, Op.NOT_IN):
        wanted = set(items(field, condition.value))
        return [name for name in names if (name in wanted) == (op is Op.IN)]
    value = one(field, condition.value)
    if op is Op.REGEX:
        compiled = re2.compile(pattern(field, value))
        return [name for name in names if compiled.search(name)]
    if op not in _TESTS:
        raise BadParameter(f"`{field}` cannot be filtered by {op}")
    return [name for name in names if _TESTS[op](name, value)]


def sorted_names(query: QueryDict, names: list[str]) -> list[str]:
    first = order_of(query, {"id": "id", "name": "id"}, ["id"])[0]
    return sorted(names, reverse=first.startswith("-"))
