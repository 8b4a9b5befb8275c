"""SQL on SQLite."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import RESULTS, ROWS, Outputs, address
from plugins.contracts.services import LocalFiles
from plugins.tasks.jdbc.query_task import Cursor, QueriesTask, QueryTask, Session, SqlTask
from plugins.working_directory.files import open_source, refuse_links, safe_path, write_file

_URL = "jdbc:sqlite:"


class SqliteTask(SqlTask):
    """A task on a SQLite database: one in memory, a stored file, or a file of the working directory."""

    url: Property[str] = default("jdbc:sqlite:")
    """`jdbc:sqlite:` for a database in memory, or followed by the name of a file of the working directory."""
    sqlite_file: Property[str] | None = None
    """The address of a stored database to work on; the stored file itself is not changed."""
    output_db_file: Property[bool] = default(False)
    """Keep the database afterwards; its address is the output `databaseUri`."""

    @contextlib.contextmanager
    def session(self, ctx: RunContext) -> Iterator[Session]:
        refuse_links(ctx.workdir)
        connection = sqlite3.connect(database_of(ctx, self), isolation_level="DEFERRED", check_same_thread=False)
        try:
            connection.set_authorizer(_allowed)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            yield Session(
                execute=lambda sql, parameters: _execute(connection, sql, parameters),
                commit=connection.commit,
                errors=(sqlite3.Error, sqlite3.Warning, OverflowError),
                interrupt=connection.interrupt,
            )
        finally:
            connection.close()

    def kept_database(self, ctx: RunContext) -> dict[str, Any]:
        """The database as a stored file, when it was asked for."""
        if not ctx.render(self.output_db_file):
            return {}
        path = database_of(ctx, self)
        if not isinstance(path, Path):
            raise PluginError("A database in memory cannot be kept: name a file in `url`", retryable=False)
        return {"databaseUri": ctx.store(path, path.name)}


def _execute(connection: sqlite3.Connection, sql: str, parameters: Mapping[str, Any]) -> Cursor:
    return connection.execute(sql, parameters)


def _allowed(action: int, _first: str | None, second: str | None, *_: object) -> int:
    """No other file is opened and no code is loaded."""
    opens = action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
    loads = action == sqlite3.SQLITE_FUNCTION and second == "load_extension"
    return sqlite3.SQLITE_DENY if opens or loads else sqlite3.SQLITE_OK


def database_of(ctx: RunContext, task: SqliteTask) -> Path | str:
    """Where the database lies. Raises PluginError for a place outside the working directory that is not opened."""
    if task.sqlite_file is not None:
        path = safe_path(ctx.workdir, "database.sqlite")
        if not path.exists():
            source = open_source(ctx, ctx.render(task.sqlite_file))
            if source is None:
                raise PluginError("`sqliteFile` must be the address of a stored file", retryable=False)
            with source:
                write_file(ctx.workdir, path.name, source)
        return path
    url = ctx.render(task.url)
    if not url.startswith(_URL):
        raise PluginError(f"`{url}` is no address of a SQLite database", retryable=False)
    name = url.removeprefix(_URL).partition("?")[0]
    if name in ("", ":memory:"):
        return ":memory:"
    if name.startswith("/"):
        local: LocalFiles = ctx.service("local")
        return local.path(name=name)
    if name.startswith("file:"):
        raise PluginError("A database lies in the working directory, or in memory", retryable=False)
    return safe_path(ctx.workdir, name)


class Query(SqliteTask, QueryTask):
    """Run SQL on a SQLite database and keep the rows of the last statement.

    The database is in memory, a stored file, or a file of the working directory; others cannot be attached.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.sqlite.Query"
    TITLE: ClassVar[str] = "Query a SQLite database"
    OUTPUTS: ClassVar[Outputs] = {**ROWS, "databaseUri": address("The database file, when it is kept.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: sqlite_query
namespace: company.team
tasks:
  - id: query
    type: io.kestra.plugin.jdbc.sqlite.Query
    url: "jdbc:sqlite:"
    sql: SELECT :n AS n, 'x' AS name
    parameters: {n: 1}
    fetchType: FETCH_ONE
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.query.row.name }}"
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {**super().run(ctx), **self.kept_database(ctx)}


class Queries(SqliteTask, QueriesTask):
    """Run several statements on a SQLite database, all or none, and keep the rows of each."""

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.sqlite.Queries"
    TITLE: ClassVar[str] = "Run several queries on a SQLite database"
    OUTPUTS: ClassVar[Outputs] = {**RESULTS, "databaseUri": address("The database file, when it is kept.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: sqlite_queries
namespace: company.team
tasks:
  - id: queries
    type: io.kestra.plugin.jdbc.sqlite.Queries
    url: "jdbc:sqlite:"
    fetchType: FETCH
    sql: |
      CREATE TABLE t (n INTEGER);
      INSERT INTO t VALUES (1), (2);
      SELECT sum(n) AS total FROM t;
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {**super().run(ctx), **self.kept_database(ctx)}
