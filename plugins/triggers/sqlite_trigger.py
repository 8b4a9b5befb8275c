"""An execution when a query on SQLite finds rows."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Property
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs
from plugins.tasks.jdbc.sqlite import Query
from plugins.triggers.sql_trigger import FOUND, SqlTrigger


class SqliteTrigger(SqlTrigger):
    """Run SQL on a SQLite database every `interval`, and start an execution when it finds rows.

    The database is a file in a folder that the operator of the worker has opened to flows, or a stored file, of which
    nothing that is changed is kept.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.sqlite.Trigger"
    TITLE: ClassVar[str] = "Start when a query on SQLite finds rows"
    OUTPUTS: ClassVar[Outputs] = FOUND
    SHARED: ClassVar[tuple[str, ...]] = (*SqlTrigger.SHARED, "sqlite_file")
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: new_readings
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.size ?? 0 }} new readings"
triggers:
  - id: readings
    type: io.kestra.plugin.jdbc.sqlite.Trigger
    interval: PT30S
    url: jdbc:sqlite:/data/readings.db
    sql: SELECT * FROM readings WHERE seen = 0
    afterSQL: UPDATE readings SET seen = 1 WHERE seen = 0
""",
    )

    url: Property[str] = default("jdbc:sqlite:")
    """`jdbc:sqlite:` and the path of the database."""
    sqlite_file: Property[str] | None = None
    """The address of a stored database instead."""

    def task(self) -> Query:
        return Query.model_validate({**self.shared(), "type": Query.TYPE})
