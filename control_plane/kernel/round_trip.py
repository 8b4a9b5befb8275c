"""Statements that go to the database together, for the paths where each round trip counts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from psycopg.adapt import Transformer

Row = tuple[Any, ...]


class RoundTrip:
    """Collects statements and sends them as one. Each sees what those before it did; a failing one undoes them all.

    Use it inside a scope. Values are bound by the client, `%s` each.
    """

    def __init__(self) -> None:
        self._statements: list[tuple[str, Sequence[Any]]] = []

    def __len__(self) -> int:
        return len(self._statements)

    def add(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Returns the place of its rows in what `run` returns."""
        self._statements.append((statement, values))
        return len(self._statements) - 1

    def add_across_tenants(self, reason: str, statement: str, values: Sequence[Any] = ()) -> int:
        """The same as the service role, for a look across tenants that must be one with the scope's own transaction."""
        if not reason:
            raise ValueError("a look across tenants needs its reason")
        self.add("SET LOCAL ROLE orrery_service")
        place = self.add(statement, values)
        self.add("SET LOCAL ROLE NONE")
        return place

    def run(self) -> list[list[Row]]:
        """The rows of each statement, in order; nothing is kept for a second run."""
        if not self._statements:
            return []
        connection.ensure_connection()
        literals: Any = Transformer(connection.connection)
        text = ";\n".join(_bound(literals, statement, values) for statement, values in self._statements)
        self._statements = []
        results: list[list[Row]] = []
        with connection.cursor() as cursor:
            cursor.execute(text)
            while True:
                results.append(cursor.fetchall() if cursor.description else [])
                if not cursor.nextset():
                    return results


def _bound(literals: Any, statement: str, values: Sequence[Any]) -> str:
    """The statement with its values in place. Cutting texts at their places once spares doing it with each request."""
    first, *others = _cut(statement)
    if len(others) != len(values):
        raise ValueError(f"{len(values)} values for {len(others)} places of: {statement[:200]}")
    parts = [first]
    for value, text in zip(values, others, strict=True):
        parts += (_literal(literals, value), text)
    return "".join(parts)


def _literal(literals: Any, value: Any) -> str:
    text: str = literals.as_literal(value).decode(literals.encoding)
    return text


@lru_cache(maxsize=512)
def _cut(statement: str) -> list[str]:
    return statement.split("%s")
