"""CSV answers that stream: a short scope per chunk, never one for the whole."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.http import StreamingHttpResponse

Row = Sequence[Any]
Fetch = Callable[[int, int], list[Row]]
CHUNK = 1000
# A spreadsheet would run a cell that begins with one of these.
_RUN = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Row]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def in_chunks(
    open_scope: Callable[[], AbstractContextManager[None]], fetch: Callable[[int, int], list[Row]]
) -> Iterator[Row]:
    """Rows by `fetch(start, stop)`, each call in a scope of its own. The order must be stable."""
    start = 0
    while True:
        with open_scope():
            rows = fetch(start, start + CHUNK)
        yield from rows
        if len(rows) < CHUNK:
            return
        start += CHUNK


def _lines(header: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_harmless(cell) for cell in row])


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUN) else cell
