"""What SQL tasks share: running statements and doing with the rows what `fetchType` says."""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, Protocol

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.formats.ion import text_of, write_rows
from plugins.tasks.jdbc.statements import split

FetchType = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]
MAX_FETCHED_CHARS = 1024 * 1024
_PAGE = 1000


class Cursor(Protocol):
    """A cursor as Python's database interface has it."""

    @property
    def description(self) -> Any: ...

    @property
    def rowcount(self) -> int: ...

    def fetchmany(self, size: int) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Session:
    """An open connection of some database."""

    execute: Callable[[str, Mapping[str, Any]], Cursor]
    """Run one statement with parameters written as `:name`."""
    commit: Callable[[], object]
    errors: tuple[type[Exception], ...]
    """What the driver raises when a statement fails."""
    interrupt: Callable[[], object]
    """Stop the statement that runs; called from another thread."""


class SqlTask(RunnableTask):
    """A task that runs SQL. Subclasses open the connection."""

    sql: Property[str]
    """The SQL to run, with parameters written as `:name`. `{{ workingDir }}` is the working directory."""
    parameters: Property[dict[str, Any]] = default({})
    """Values of the parameters."""
    fetch_type: Property[FetchType] = default("NONE")
    """What becomes of the rows: all into a file (`uri`), all into outputs (`rows`), the first (`row`), or nothing."""
    fetch_size: Property[int] = default(10_000)
    """How many rows are asked for at once."""
    username: Property[str] | None = None
    """The user of the database."""
    password: Property[str] | None = None
    """The password of the user."""
    time_zone_id: Property[str] | None = None
    """Accepted for flows of other versions; times keep the zone the database gives them."""
    store: Property[bool] | None = Field(default=None, json_schema_extra={"deprecated": True})
    fetch: Property[bool] | None = Field(default=None, json_schema_extra={"deprecated": True})
    fetch_one: Property[bool] | None = Field(default=None, json_schema_extra={"deprecated": True})

    @abstractmethod
    def session(self, ctx: RunContext) -> AbstractContextManager[Session]:
        """Connect. Raises PluginError when that is not possible."""

    def statements(self, ctx: RunContext) -> list[str]:
        sql = ctx.render_any(self.sql.source, {"workingDir": str(ctx.workdir)})
        statements = split(sql if isinstance(sql, str) else "")
        if not statements:
            raise PluginError("There is no SQL to run", retryable=False)
        return statements

    def kind_of_fetch(self, ctx: RunContext) -> FetchType:
        """`fetchType`, or what the older switches say."""
        old: dict[FetchType, Property[bool] | None] = {
            "STORE": self.store,
            "FETCH": self.fetch,
            "FETCH_ONE": self.fetch_one,
        }
        for kind, switch in old.items():
            if switch is not None and ctx.render(switch):
                return kind
        return ctx.render(self.fetch_type)

    def results(self, ctx: RunContext, session: Session, statements: list[str]) -> Iterator[dict[str, Any]]:
        """Run the statements one by one; yield what is kept of each."""
        parameters, kind = ctx.render(self.parameters), self.kind_of_fetch(ctx)
        ctx.on_kill(session.interrupt)
        for statement in statements:
            if ctx.is_killed():
                raise PluginError("The query was stopped", retryable=False)
            try:
                cursor = session.execute(statement, parameters)
                yield self._kept(ctx, cursor, kind)
            except session.errors as error:
                raise PluginError(f"{type(error).__name__}: {error}") from error

    def _kept(self, ctx: RunContext, cursor: Cursor, kind: FetchType) -> dict[str, Any]:
        if cursor.description is None:
            return {"size": max(0, cursor.rowcount)} if cursor.rowcount > 0 else {}
        rows = rows_of(cursor)
        if kind == "STORE":
            return stored(ctx, rows)
        if kind == "FETCH":
            fetched = _bounded(rows)
            return {"rows": fetched, "size": len(fetched)}
        if kind == "FETCH_ONE":
            row = next(rows, None)
            return {"row": row, "size": 0 if row is None else 1}
        return {}

    def measure(self, ctx: RunContext, outputs: Mapping[str, Any]) -> None:
        if "size" in outputs:
            ctx.counter("fetch.size", float(outputs["size"]))


def rows_of(cursor: Cursor) -> Iterator[dict[str, Any]]:
    """The rows as maps, fetched page by page."""
    names = [column[0] for column in cursor.description]
    while page := cursor.fetchmany(_PAGE):
        for row in page:
            yield dict(zip(names, map(_plain, row), strict=True))


def _plain(value: Any) -> Any:
    """Bytes and the like as what outputs can hold."""
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return value


def _bounded(rows: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    fetched, size = [], 0
    for row in rows:
        size += len(text_of(row))
        if size > MAX_FETCHED_CHARS:
            raise PluginError("The rows are more than 1 MB: use `fetchType: STORE`", retryable=False)
        fetched.append(row)
    return fetched


def stored(ctx: RunContext, rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Write the rows to a file and keep it."""
    with tempfile.TemporaryFile(dir=ctx.workdir) as file:
        target: BinaryIO = file
        size = write_rows(rows, target)
        target.flush()
        target.seek(0)
        return {"uri": ctx.store(target, "rows.ion"), "size": size}


class QueryTask(SqlTask):
    """Runs SQL and keeps the result of the last statement."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        statements = self.statements(ctx)
        with self.session(ctx) as session:
            outputs = list(self.results(ctx, session, statements))[-1]
            session.commit()
        self.measure(ctx, outputs)
        return outputs


class QueriesTask(SqlTask):
    """Runs SQL and keeps the result of every statement that has one."""

    transaction: Property[bool] = default(True)
    """Do all or nothing."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        kept = []
        with self.session(ctx) as session:
            is_whole = ctx.render(self.transaction)
            for outputs in self.results(ctx, session, self.statements(ctx)):
                if not is_whole:
                    session.commit()
                if outputs:
                    self.measure(ctx, outputs)
                    kept.append(outputs)
            session.commit()
        return {"outputs": kept}
