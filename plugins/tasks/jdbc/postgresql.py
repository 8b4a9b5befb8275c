"""SQL on PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import RESULTS, ROWS, Outputs
from plugins.contracts.services import Egress
from plugins.tasks.jdbc.query_task import Cursor, QueriesTask, QueryTask, Session, SqlTask
from plugins.tasks.jdbc.statements import with_parameters

_PREFIXES = ("jdbc:postgresql://", "postgresql://", "postgres://")
_SSL_MODES = frozenset({"disable", "prefer", "require", "verify-ca", "verify-full"})


class PostgresTask(SqlTask):
    """A task on a PostgreSQL database."""

    url: Property[str]
    """Where the database is: `jdbc:postgresql://host:5432/database`."""
    ssl: Property[bool] = default(False)
    """Insist on an encrypted connection."""
    ssl_mode: Property[str] | None = None
    """How much the server is checked: DISABLE, PREFER, REQUIRE, VERIFY_CA or VERIFY_FULL."""

    @contextlib.contextmanager
    def session(self, ctx: RunContext) -> Iterator[Session]:
        import psycopg

        try:
            connection = psycopg.connect(**self._parameters(ctx), connect_timeout=15, autocommit=False)
        except psycopg.Error as error:
            raise PluginError(f"The database cannot be reached: {error}") from error
        with contextlib.closing(connection):
            yield Session(
                execute=lambda sql, parameters: _execute(connection, sql, parameters),
                commit=connection.commit,
                errors=(psycopg.Error,),
                interrupt=connection.cancel,
            )

    def _parameters(self, ctx: RunContext) -> dict[str, Any]:
        """How to connect: to the address that was judged, and by no name or file of this machine."""
        url = ctx.render(self.url)
        if not url.startswith(_PREFIXES):
            raise PluginError(f"`{url.partition('?')[0]}` is no address of a PostgreSQL database", retryable=False)
        try:
            parts = urlsplit(url.removeprefix("jdbc:"))
            host, port = parts.hostname, parts.port or 5432
        except ValueError as error:
            raise PluginError(f"This is no address of a PostgreSQL database: {error}", retryable=False) from None
        given = dict(parse_qsl(parts.query))
        if not host:
            raise PluginError("The address of the database names no host", retryable=False)
        egress: Egress = ctx.service("http")
        addresses = egress.resolve(host=host, port=port)
        user = ctx.render(self.username) if self.username is not None else given.get("user") or parts.username
        password = ctx.render(self.password) if self.password is not None else given.get("password") or parts.password
        return {
            "host": ",".join([host] * len(addresses)),
            "hostaddr": ",".join(addresses),
            "port": port,
            "dbname": unquote(parts.path.lstrip("/")) or user,
            "user": user,
            "password": password,
            "sslmode": self._ssl_mode(ctx, given),
            "passfile": "/nonexistent",
        }

    def _ssl_mode(self, ctx: RunContext, given: Mapping[str, str]) -> str:
        chosen = ctx.render(self.ssl_mode) if self.ssl_mode is not None else given.get("sslmode", "")
        mode = chosen.lower().replace("_", "-") or ("require" if ctx.render(self.ssl) else "prefer")
        if mode not in _SSL_MODES:
            raise PluginError(f"`{chosen}` is no way to encrypt", retryable=False)
        return mode


def _execute(connection: Any, sql: str, parameters: Mapping[str, Any]) -> Cursor:
    from psycopg.types.json import Jsonb

    if not parameters:
        cursor: Cursor = connection.execute(sql.encode())
        return cursor
    text, names = with_parameters(sql, lambda name: f"%({name})s", lambda text: text.replace("%", "%%"))
    missing = sorted(set(names) - set(parameters))
    if missing:
        raise PluginError(f"The parameter `{missing[0]}` has no value", retryable=False)
    values = {name: Jsonb(value) if isinstance(value, dict) else value for name, value in parameters.items()}
    bound: Cursor = connection.execute(text.encode(), values)
    return bound


class Query(PostgresTask, QueryTask):
    """Run SQL on a PostgreSQL database and keep the rows of the last statement."""

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.postgresql.Query"
    TITLE: ClassVar[str] = "Query a PostgreSQL database"
    OUTPUTS: ClassVar[Outputs] = ROWS
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: postgresql_query
namespace: company.team
tasks:
  - id: query
    type: io.kestra.plugin.jdbc.postgresql.Query
    url: jdbc:postgresql://db.example.com:5432/shop
    username: reader
    password: "{{ secret('SHOP_PASSWORD') }}"
    sql: SELECT id, total FROM orders WHERE day = :day
    parameters:
      day: "{{ execution.startDate | date('yyyy-MM-dd') }}"
    fetchType: STORE
""",
    )


class Queries(PostgresTask, QueriesTask):
    """Run several statements on a PostgreSQL database, all or none, and keep the rows of each."""

    TYPE: ClassVar[str] = "io.kestra.plugin.jdbc.postgresql.Queries"
    TITLE: ClassVar[str] = "Run several queries on a PostgreSQL database"
    OUTPUTS: ClassVar[Outputs] = RESULTS
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: postgresql_queries
namespace: company.team
tasks:
  - id: queries
    type: io.kestra.plugin.jdbc.postgresql.Queries
    url: jdbc:postgresql://db.example.com:5432/shop
    username: writer
    password: "{{ secret('SHOP_PASSWORD') }}"
    fetchType: FETCH
    sql: |
      UPDATE orders SET seen = true WHERE NOT seen;
      SELECT count(*) AS seen FROM orders WHERE seen;
""",
    )
