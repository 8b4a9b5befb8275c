"""A page of a list whose SQL is ready before it is sent, so that it can share a round trip with other statements."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from control_plane.kernel.api.json import encode
from control_plane.kernel.api.pages import Page
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.places import counting
from control_plane.kernel.scope import current_tenant

_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The compiled query without LIMIT and OFFSET; None where no row can match."""

    rows: str | None
    values: Sequence[Any] = ()
    count: str = ""
    counted_values: Sequence[Any] = ()


class _CompiledQueries:
    """Compiled query sets, by everything they were made from; the least recently used are dropped."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, _Compiled] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any, make: Callable[[], QuerySet[Any, Any]]) -> _Compiled:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = _compiled(make())
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


_queries = _CompiledQueries()


def _compiled(queryset: QuerySet[Any, Any]) -> _Compiled:
    try:
        rows, values = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return _Compiled(None)
    counted = counting(queryset)
    return _Compiled(f"{rows} LIMIT %s OFFSET %s", values, *counted) if counted else _Compiled(None)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of `rows`, narrowed and ordered. `present` makes what is shown of a row of plain columns.

    `rows` must depend on nothing but the open scope: its query is compiled once for each tenant, condition and order.
    """

    rows: Callable[[], QuerySet[Any, Any]]
    matching: Q
    order: Sequence[str]
    page: Page
    present: Callable[[Row], object]

    def read(self) -> dict[str, Any]:
        """The page, inside an open scope."""
        pipeline, asked = Pipeline(), self.asked()
        asked.add_to(pipeline)
        return asked.shown(pipeline.run(), Pipeline.run)

    def asked(self) -> AskedListing:
        """The same inside a scope that may only be planned."""
        key = (self.rows, current_tenant(), self.matching, tuple(self.order))
        query = _queries.get(key, lambda: self.rows().filter(self.matching).order_by(*self.order))
        return AskedListing(query, self.page, self.present)


Run = Callable[[Pipeline], list[list[Row]]]


@dataclass(slots=True)
class AskedListing:
    """A page whose statements are ready to be sent."""

    query: _Compiled
    page: Page
    present: Callable[[Row], object]
    place: int | None = None

    def add_to(self, pipeline: Pipeline) -> None:
        if self.query.rows is not None:
            self.place = pipeline.add(self.query.rows, [*self.query.values, self.page.size + 1, self.page.start])

    def shown(self, answers: list[list[Row]], run: Run) -> dict[str, Any]:
        """The envelope. `run` is only called to count, where the page, and one row more, does not tell how many."""
        rows = answers[self.place] if self.place is not None else []
        if (rows or self.page.start == 0) and len(rows) <= self.page.size:
            total = self.page.start + len(rows)
        else:
            total = self._counted(run)
        return {"results": [self.present(row) for row in rows[: self.page.size]], "total": total}

    def response(self, answers: list[list[Row]], run: Run) -> HttpResponse:
        return HttpResponse(encode(self.shown(answers, run)), content_type="application/json")

    def _counted(self, run: Run) -> int:
        if self.query.rows is None:
            return 0
        pipeline = Pipeline()
        place = pipeline.add(self.query.count, self.query.counted_values)
        return int(run(pipeline)[place][0][0])
