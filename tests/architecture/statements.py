"""What the database is asked meanwhile, read from the wire: past every cursor, wrapper and pipeline."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest
from django.db import connection
from psycopg.pq import Trace

from control_plane.kernel.plans import Plans

_MESSAGE = re.compile(r"^(?=[FB]\t\d+\t)", re.M)
_QUERY = re.compile(r"F\t\d+\t(?:Query|Parse)\t (?:\"[^\"]*\" )?\"(.*)\"(?: \d+)*\n", re.S)
_VALUE = re.compile(r"(?:\bE)?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b|\btrue\b|\bfalse\b")
_LIST = re.compile(r"\(\?(?:, *\?)+\)")
_SAVEPOINT = re.compile(r'"s\d+_x\d+"')


def unplanned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement travels as its text: a kept plan has no more than a name, and is made at the second time."""
    monkeypatch.setattr(Plans, "name_of", lambda self, statement: None)
    monkeypatch.setattr(Plans, "wanted", lambda self, statement: False)
    monkeypatch.setattr(Plans, "are_stale", lambda self: False)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Filled at the end with the statements of this thread's connection in their order, without their values."""
    connection.ensure_connection()
    raw: Any = connection.connection.pgconn
    found: list[str] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as file:
        raw.trace(file.fileno())
        raw.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield found
        finally:
            raw.untrace()
        found += _read(file)


def _read(file: IO[str]) -> Iterator[str]:
    file.seek(0)
    for message in _MESSAGE.split(file.read()):
        asked = _QUERY.match(message)
        if asked:
            yield without_values(asked[1])


def without_values(statement: str) -> str:
    """`IN` lists of any length are one value."""
    return _LIST.sub("(?)", _VALUE.sub("?", _SAVEPOINT.sub("savepoint", statement)))
