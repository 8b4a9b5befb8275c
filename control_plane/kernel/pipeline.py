"""Statements that go to the database together, for the paths where each round trip counts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from control_plane.kernel.plans import Plans, plans_of

_GONE_WELL = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)

Row = tuple[Any, ...]


class Pipeline:
    """Collects statements and sends them in one round trip. Each sees the effects of those before it; if one fails,
    none has happened.

    Use it inside a scope. Values are bound by the client, `%s` each. Statements that come again and again are planned
    once for each connection, so their texts must not vary with values.
    """

    def __init__(self) -> None:
        self._statements: list[tuple[str, Sequence[Any]]] = []

    def __len__(self) -> int:
        return len(self._statements)

    def add(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Add a statement; returns the index of its rows in the result of `run`."""
        self._statements.append((statement, values))
        return len(self._statements) - 1

    def put_first(self, statement: str, values: Sequence[Any]) -> None:
        """Put a statement first; every index returned before moves on by one."""
        self._statements.insert(0, (statement, values))

    def add_across_tenants(self, reason: str, statement: str, values: Sequence[Any] = ()) -> int:
        """The same as the service role, for a look across tenants that must be one with the scope's own transaction."""
        if not reason:
            raise ValueError("a look across tenants needs its reason")
        self.add("SET LOCAL ROLE orrery_service")
        place = self.add(statement, values)
        self.add("SET LOCAL ROLE NONE")
        return place

    def run(self) -> list[list[Row]]:
        """Send all; returns the rows of each statement in order, and empties the pipeline."""
        if not self._statements:
            return []
        connection.ensure_connection()
        text = self._taken()
        results: list[list[Row]] = []
        with connection.cursor() as cursor:
            cursor.execute(text)
            # The driver's own cursor: Django's describes each column of each result whenever it is asked for rows.
            raw = cursor.cursor
            while True:
                results.append(raw.fetchall() if raw.pgresult.status == ExecStatus.TUPLES_OK else [])
                if not raw.nextset():
                    return results

    def send(self) -> None:
        """Send all inside an open transaction, reading no rows; skips cursors, which cost more than statements."""
        pgconn = connection.connection.pgconn
        text = self._taken()
        with connection.wrap_database_errors:
            result = pgconn.exec_(text.encode())
            if result.status not in _GONE_WELL:
                raise error_from_result(result, encoding="utf-8")

    def _taken(self) -> str:
        statements, self._statements = self._statements, []
        return _text(connection.connection, statements)


def _text(raw: Any, statements: Sequence[tuple[str, Sequence[Any]]]) -> str:
    plans, literals = plans_of(raw), Transformer(raw)
    if plans.are_stale():
        raw.execute(b"DISCARD PLANS", prepare=False)
    for statement, _ in statements:
        if plans.wanted(statement):
            plans.prepare(raw, statement, _cut(statement))
    return ";\n".join(_bound(literals, plans, statement, values) for statement, values in statements)


def _bound(literals: Any, plans: Plans, statement: str, values: Sequence[Any]) -> str:
    """The statement with its values in place. Cutting texts at their places once spares doing it with each request."""
    first, *others = _cut(statement)
    if len(others) != len(values):
        raise ValueError(f"{len(values)} values for {len(others)} places of: {statement[:200]}")
    name = plans.name_of(statement)
    if name is not None:
        given = ", ".join([_literal(literals, value) for value in values])
        return f"EXECUTE {name}({given})" if values else f"EXECUTE {name}"
    parts = [first]
    for value, text in zip(values, others, strict=True):
        parts += (_literal(literals, value), text)
    return "".join(parts)


def _literal(literals: Any, value: Any) -> str:
    # Of the driver's answers those that need no driver: most values are ids and states.
    if type(value) is str and _is_plain(value):
        return f"'{value}'"
    if value is None:
        return "NULL"
    text: str = literals.as_literal(value).decode(literals.encoding)
    return text


@lru_cache(maxsize=512)
def _cut(statement: str) -> list[str]:
    return statement.split("%s")


def _is_plain(text: str) -> bool:
    """Nothing in it that a quoted text of SQL spells otherwise, whatever the server's settings."""
    return text.isascii() and "'" not in text and "\\" not in text and "\0" not in text
