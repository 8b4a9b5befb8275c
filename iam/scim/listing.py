"""Lists: a filter, an order and a page, out of an address or out of the body of a `.search`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import F, OrderBy, QuerySet

from iam.models import ScimResource
from iam.scim.attributes import Kind
from iam.scim.documents import Projection
from iam.scim.expressions import parse_filter, resolve
from iam.scim.filters import condition, order_of
from iam.scim.refusals import InvalidFilter, InvalidPath, InvalidValue

R = TypeVar("R", bound=ScimResource)
USUAL = 100
MOST = 1_000
Resources = list[dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """What a list is to be; the first of it is number 1."""

    filter: str
    sort_by: str
    is_descending: bool
    start: int
    count: int
    projection: Projection


def wanted(kind: Kind, said: Mapping[str, Any]) -> Wanted:
    """InvalidValue for what is no number or no order."""
    return Wanted(
        _text(said, "filter"),
        _text(said, "sortBy"),
        _is_descending(_text(said, "sortOrder")),
        max(1, _number(said, "startIndex", 1)),
        min(MOST, max(0, _number(said, "count", USUAL))),
        projection(kind, said),
    )


def projection(kind: Kind, said: Mapping[str, Any]) -> Projection:
    return Projection(kind, _names(said, "attributes"), _names(said, "excludedAttributes"))


def found(kind: Kind, rows: QuerySet[R], asked: Wanted) -> tuple[list[R], int]:
    """The page, and how many there are in all."""
    if asked.filter.strip():
        rows = rows.filter(condition(kind, parse_filter(kind, asked.filter)))
    total = rows.count()
    if asked.count == 0 or asked.start > total:
        return [], total
    ordered = rows.order_by(*_order(kind, asked))
    return list(ordered[asked.start - 1 : asked.start - 1 + asked.count]), total


def _order(kind: Kind, asked: Wanted) -> list[Any]:
    if not asked.sort_by:
        return ["created_at", "id"]
    try:
        by = order_of(kind, resolve(kind, asked.sort_by))
    except (InvalidPath, InvalidFilter) as error:
        raise InvalidValue(f"sortBy: {error.message}") from None
    return [OrderBy(F(by) if isinstance(by, str) else by, descending=asked.is_descending, nulls_last=True), "id"]


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\x00" in value:
        raise InvalidValue(f"`{name}` must be a text")
    return value


def _number(said: Mapping[str, Any], name: str, usual: int) -> int:
    value = said.get(name)
    if value is None or value == "":
        return usual
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InvalidValue(f"`{name}` must be a whole number")
    text = str(value).strip()
    if len(text) > 12 or not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise InvalidValue(f"`{name}` must be a whole number")
    return min(int(text), 2**31)


def _is_descending(order: str) -> bool:
    if order.lower() not in ("", "ascending", "descending"):
        raise InvalidValue("`sortOrder` must be ascending or descending")
    return order.lower() == "descending"


def _names(said: Mapping[str, Any], name: str) -> list[str]:
    value = said.get(name)
    if value is None:
        return []
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
        raise InvalidValue(f"`{name}` must be names of attributes")
    return [each.strip() for each in names if each.strip()]
