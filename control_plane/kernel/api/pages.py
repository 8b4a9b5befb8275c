"""Lists: one page of them, in an order, in the envelope `{results, total}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

from control_plane.kernel.api.query import number
from control_plane.kernel.config import config
from control_plane.kernel.places import count
from control_plane.kernel.words.errors import BadParameter, Invalid

M = TypeVar("M", bound=Model)
T = TypeVar("T")
_FARTHEST = 2**31


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for; pages count from 1."""

    number: int = 1
    size: int = 10

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        return self.start + self.size


def page_of(values: Mapping[str, str], size: int = 10) -> Page:
    return Page(
        number(values, "page", 1, at_least=1, at_most=_FARTHEST),
        number(values, "size", size, at_least=1, at_most=config().limits.page_size),
    )


def listed(queryset: QuerySet[M], page: Page, present: Callable[[M], T]) -> dict[str, Any]:
    """One page of rows; they are only counted when the page, and one row more, does not tell how many there are."""
    rows = list(queryset[page.start : page.stop + 1])
    tells = (rows or page.start == 0) and len(rows) <= page.size
    total = page.start + len(rows) if tells else count(queryset)
    return {"results": [present(row) for row in rows[: page.size]], "total": total}


def sliced(items: Sequence[T], page: Page) -> dict[str, Any]:
    """The same for a list that is already whole in memory."""
    return {"results": list(items[page.start : page.stop]), "total": len(items)}


def order_of(values: QueryDict, fields: Mapping[str, str], default: Sequence[str]) -> list[str]:
    """`sort=field:asc`, repeatable, as arguments of `order_by`; the id is last, so that pages never overlap.

    `fields` maps what may be sorted by to its column. Anything but `asc` means descending.
    """
    order = [_order(item, fields) for item in values.getlist("sort") if item] or list(default)
    return [*order, "pk"]


def _order(item: str, fields: Mapping[str, str]) -> str:
    name, colon, direction = item.rpartition(":")
    if not colon:
        raise Invalid(f"Invalid sort parameter `{item[:100]}`: write `field:asc` or `field:desc`")
    if name not in fields:
        raise BadParameter(f"cannot sort by `{name[:100]}`: use one of {', '.join(sorted(fields))}")
    return fields[name] if direction.lower() == "asc" else f"-{fields[name]}"
