"""An execution when a query on PostgreSQL finds rows."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Property
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs
from plugins.tasks.jdbc.postgresql import Query
from plugins.triggers.sql_trigger import FOUND, SqlTrigger


class PostgresTrigger(SqlTrigger):
    """Run SQL on a PostgreSQL database every `interval`, and start an execution when it finds rows.

    `afterSQL` marks them as seen, in the same transaction.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.postgresql.Trigger"
    TITLE: ClassVar[str] = "Start when a query on PostgreSQL finds rows"
    OUTPUTS: ClassVar[Outputs] = FOUND
    SHARED: ClassVar[tuple[str, ...]] = (*SqlTrigger.SHARED, "ssl", "ssl_mode")
    BEFORE: ClassVar[str | None] = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: new_orders
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.size ?? 0 }} new orders"
triggers:
  - id: orders
    type: io.kestra.plugin.jdbc.postgresql.Trigger
    interval: PT1M
    url: jdbc:postgresql://db.example.com:5432/shop
    username: reader
    password: "{{ secret('SHOP_PASSWORD') }}"
    sql: SELECT id, total FROM orders WHERE NOT seen
    afterSQL: UPDATE orders SET seen = true WHERE NOT seen
    fetchType: FETCH
""",
    )

    url: Property[str]
    """Where the database is: `jdbc:postgresql://host:5432/database`."""
    ssl: Property[bool] = default(False)
    """Insist on an encrypted connection."""
    ssl_mode: Property[str] | None = None
    """How much the server is checked: DISABLE, PREFER, REQUIRE, VERIFY_CA or VERIFY_FULL."""

    def task(self) -> Query:
        return Query.model_validate({**self.shared(), "type": Query.TYPE})
