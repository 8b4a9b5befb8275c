"""SQL on DuckDB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import RESULTS, ROWS, Outputs, address
from plugins.contracts.services import LocalFiles
from plugins.tasks.jdbc.query_task import Cursor, QueriesTask, QueryTask, Session, SqlTask
from plugins.tasks.jdbc.statements import with_parameters
from plugins.working_directory.files import (
    open_source,
    put_input_files,
    refuse_links,
    safe_path,
    store_output_files,
    write_file,
)

_URL = "jdbc:duckdb:"


class DuckDbTask(SqlTask):
    """A task on a DuckDB database: one in memory, a stored file, or a file of the working directory.

    SQL may read and write files of the working directory alone. Extensions and the network are closed: fetch files
    with a Download and give them as `inputFiles`.
    """

    url: Property[str] = default("jdbc:duckdb:")
    """`jdbc:duckdb:` for a database in memory, or followed by the name of a file of the working directory."""
    database_uri: Property[str] | None = None
    """The address of a stored database to work on; the stored file itself is not changed."""
    input_files: Property[dict[str, Any]] = default({})
    """Files to put into the working directory: name and content, or the address of a stored file."""
    output_files: Property[list[str]] = default([])
    """Patterns of files to keep; their addresses are the output `outputFiles`."""
    output_db_file: Property[bool] = default(False)
    """Keep the database afterwards; its address is the output `databaseUri`."""

    @contextlib.contextmanager
    def session(self, ctx: RunContext) -> Iterator[Session]:
        try:
            import duckdb
        except ImportError:
            raise PluginError("DuckDB is not installed on this worker", retryable=False) from None
        files = ctx.render(self.input_files)
        put_input_files(ctx, files)
        refuse_links(ctx.workdir)
        try:
            connection = duckdb.connect(self._database(ctx), config={"autoinstall_known_extensions": "false"})
        except duckdb.Error as error:
            raise PluginError(f"The database cannot be opened: {error}", retryable=False) from error
        with contextlib.closing(connection):
            _close_doors(connection, str(ctx.workdir))
            connection.execute("BEGIN")
            yield Session(
                execute=lambda sql, parameters: _execute(connection, sql, parameters),
                commit=lambda: connection.execute("COMMIT").execute("BEGIN"),
                errors=(duckdb.Error,),
                interrupt=connection.interrupt,
            )

    def _database(self, ctx: RunContext) -> str:
        if self.database_uri is not None:
            source = open_source(ctx, ctx.render(self.database_uri))
            if source is None:
                raise PluginError("`databaseUri` must be the address of a stored file", retryable=False)
            with source:
                return str(write_file(ctx.workdir, "database.duckdb", source))
        url = ctx.render(self.url)
        if not url.startswith(_URL):
            raise PluginError(f"`{url}` is no address of a DuckDB database", retryable=False)
        name = url.removeprefix(_URL).partition("?")[0]
        if name in ("", ":memory:"):
            return str(safe_path(ctx.workdir, "database.duckdb")) if ctx.render(self.output_db_file) else ":memory:"
        if name.startswith("/"):
            local: LocalFiles = ctx.service("local")
            return str(local.path(name=name))
        if ":" in name:
            raise PluginError("A database lies in the working directory, or in memory", retryable=False)
        return str(safe_path(ctx.workdir, name))

    def kept(self, ctx: RunContext) -> dict[str, Any]:
        """Files and the database as stored files, when they were asked for."""
        outputs: dict[str, Any] = {}
        patterns = ctx.render(self.output_files)
        if patterns:
            outputs["outputFiles"] = store_output_files(ctx, ctx.workdir, patterns)
        if ctx.render(self.output_db_file):
            found = sorted(ctx.workdir.glob("*.duckdb"))
            if found:
                outputs["databaseUri"] = ctx.store(found[0], found[0].name)
        return outputs


def _close_doors(connection: Any, workdir: str) -> None:
    """Leave SQL the working directory, and nothing else of the machine or the network."""
    quoted = workdir.replace("'", "''")
    connection.execute(f"SET temp_directory = '{quoted}/.duckdb'")
    connection.execute(f"SET allowed_directories = ['{quoted}/']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _execute(connection: Any, sql: str, parameters: Mapping[str, Any]) -> Cursor:
    text, names = with_parameters(sql, lambda name: f"${name}")
    missing = sorted(set(names) - set(parameters))
    if missing:
        raise PluginError(f"The parameter `{missing[0]}` has no value", retryable=False)
    import duckdb

    values = {name: parameters[name] for name in names} or None
    parts = connection.extract_statements(text)
    for part in parts:
        cursor: Cursor = connection.execute(part, values)
    is_change = duckdb.ExpectedResultType.CHANGED_ROWS in parts[-1].expected_result_type
    if not is_change or [column[0] for column in cursor.description or ()] != ["Count"]:
        return cursor
    counted = cursor.fetchmany(1)
    return _Changed(int(counted[0][0]) if counted else -1)


@dataclass(frozen=True, slots=True)
class _Changed:
    """The result of a statement that gives no rows."""

    rowcount: int
    description: Any = None

    def fetchmany(self, size: int) -> list[Any]:
        return []


class Query(DuckDbTask, QueryTask):
    """Run SQL on a DuckDB database and keep the rows of the last statement.

    SQL may read and write files of the working directory alone: give files as `inputFiles`, and name them with
    `{{ workingDir }}` before them.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.duckdb.Query"
    TITLE: ClassVar[str] = "Query a DuckDB database"
    OUTPUTS: ClassVar[Outputs] = {**ROWS, "databaseUri": address("The database file, when it is kept.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: duckdb_query
namespace: company.team
tasks:
  - id: query
    type: io.kestra.plugin.jdbc.duckdb.Query
    inputFiles:
      orders.csv: |
        category,total
        books,10
        music,5
    sql: SELECT category, sum(total) AS total FROM read_csv_auto('{{ workingDir }}/orders.csv') GROUP BY 1
    fetchType: STORE
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {**super().run(ctx), **self.kept(ctx)}


class Queries(DuckDbTask, QueriesTask):
    """Run several statements on a DuckDB database, all or none, and keep the rows of each."""

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.duckdb.Queries"
    TITLE: ClassVar[str] = "Run several queries on a DuckDB database"
    OUTPUTS: ClassVar[Outputs] = {**RESULTS, "databaseUri": address("The database file, when it is kept.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: duckdb_queries
namespace: company.team
tasks:
  - id: queries
    type: io.kestra.plugin.jdbc.duckdb.Queries
    fetchType: FETCH
    sql: |
      CREATE TABLE t AS SELECT range AS n FROM range(10);
      SELECT max(n) AS largest FROM t;
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        return {**super().run(ctx), **self.kept(ctx)}
