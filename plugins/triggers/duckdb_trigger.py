"""An execution when a query on DuckDB finds rows."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import Property
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs
from plugins.tasks.jdbc.duckdb import Query
from plugins.triggers.sql_trigger import FOUND, SqlTrigger


class DuckDbTrigger(SqlTrigger):
    """Run SQL on a DuckDB database every `interval`, and start an execution when it finds rows.

    The database is a file in a folder that the operator of the worker has opened to flows, a stored file, or one in
    memory that reads the files given as `inputFiles`.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.duckdb.Trigger"
    TITLE: ClassVar[str] = "Start when a query on DuckDB finds rows"
    OUTPUTS: ClassVar[Outputs] = FOUND
    SHARED: ClassVar[tuple[str, ...]] = (*SqlTrigger.SHARED, "database_uri", "input_files")
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: sales_above_target
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.rows ?? [] }}"
triggers:
  - id: sales
    type: io.kestra.plugin.jdbc.duckdb.Trigger
    interval: PT1H
    inputFiles:
      sales.csv: nsfile:///sales.csv
    sql: SELECT * FROM read_csv_auto('{{ workingDir }}/sales.csv') WHERE total > 100
""",
    )

    url: Property[str] = default("jdbc:duckdb:")
    """`jdbc:duckdb:` for a database in memory, or followed by the path of the database."""
    database_uri: Property[str] | None = None
    """The address of a stored database instead."""
    input_files: Property[dict[str, Any]] = default({})
    """Files to put into the working directory: name and content, or the address of a stored file."""

    def task(self) -> Query:
        return Query.model_validate({**self.shared(), "type": Query.TYPE})
