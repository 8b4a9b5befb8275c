"""Statements that go to the database together, for the paths where each round trip counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

Row = tuple[Any, ...]


class RoundTrip:
    """Collects statements and sends them as one. Each sees what those before it did; a failing one undoes them all.

    Use it inside a scope. Values are bound by the client, `%s` each.
    """

    def __init__(self) -> None:
        self._statements: list[str] = []
        self._values: list[Any] = []

    def __len__(self) -> int:
        return len(self._statements)

    def add(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Returns the place of its rows in what `run` returns."""
        self._statements.append(statement)
        self._values.extend(values)
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
        statements, values = ";\n".join(self._statements), self._values
        self._statements, self._values = [], []
        results: list[list[Row]] = []
        with connection.cursor() as cursor:
            cursor.execute(statements, values)
            while True:
                results.append(cursor.fetchall() if cursor.description else [])
                if not cursor.nextset():
                    return results
