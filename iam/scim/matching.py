"""Whether one value of a list is what the brackets of a path say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iam.scim.expressions import Both, Compare, Either, Filter, Not, Present
from iam.scim.refusals import InvalidPath

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda mine, other: mine > other,
    "ge": lambda mine, other: mine >= other,
    "lt": lambda mine, other: mine < other,
    "le": lambda mine, other: mine <= other,
}
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "co": lambda mine, other: other in mine,
    "sw": str.startswith,
    "ew": str.endswith,
}


def matches(item: Mapping[str, Any], wanted: Filter) -> bool:
    if isinstance(wanted, Both):
        return matches(item, wanted.left) and matches(item, wanted.right)
    if isinstance(wanted, Either):
        return matches(item, wanted.left) or matches(item, wanted.right)
    if isinstance(wanted, Not):
        return not matches(item, wanted.inner)
    if isinstance(wanted, Present):
        return _value(item, wanted) not in (None, "")
    if isinstance(wanted, Compare):
        return _compares(item, wanted)
    raise InvalidPath("brackets stand in no other brackets")


def _value(item: Mapping[str, Any], wanted: Present | Compare) -> Any:
    leaf = wanted.path.leaf
    return None if leaf is None else item.get(leaf.name)


def _compares(item: Mapping[str, Any], wanted: Compare) -> bool:
    mine, other = _value(item, wanted), wanted.value
    leaf = wanted.path.leaf
    if isinstance(mine, bool) and isinstance(other, str):
        other = {"true": True, "false": False}.get(other.lower(), other)
    if isinstance(mine, str) and isinstance(other, str) and not (leaf and leaf.is_exact):
        mine, other = mine.lower(), other.lower()
    if wanted.operator == "eq":
        return bool(mine == other)
    if wanted.operator == "ne":
        return bool(mine != other)
    if mine is None or type(mine) is not type(other):
        return False
    if wanted.operator in _TEXT:
        return isinstance(mine, str) and _TEXT[wanted.operator](mine, str(other))
    return not isinstance(mine, bool) and _ORDER[wanted.operator](mine, other)


def said_equal(wanted: Filter) -> dict[str, Any]:
    """The values that a filter of `eq` and `and` alone asks for: what a value must have to be found by it."""
    if isinstance(wanted, Both):
        return {**said_equal(wanted.left), **said_equal(wanted.right)}
    if isinstance(wanted, Compare) and wanted.operator == "eq" and wanted.path.leaf is not None:
        return {wanted.path.leaf.name: wanted.value}
    raise InvalidPath("only a filter of `eq` and `and` says what is to be made")
