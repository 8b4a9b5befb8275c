"""Triggers that ask a database: on a real PostgreSQL, SQLite and DuckDB."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from control_plane.embedded.postgres import OWNER, Postgres
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.kinds import PollingTrigger
from tests.plugins.tasks.memory import MemoryContext

JDBC = "io.kestra.plugin.jdbc"
FIND, MARK = "SELECT id FROM {t} WHERE seen = 0 ORDER BY id", "UPDATE {t} SET seen = 1 WHERE seen = 0"


def trigger(kind: str, **properties: Any) -> PollingTrigger:
    parsed = parse_trigger({"id": "watch", "type": f"{JDBC}.{kind}.Trigger", **properties})
    assert isinstance(parsed, PollingTrigger)
    return parsed


class Orders:
    """A table of some database that somebody writes to."""

    table = "orders"

    def __init__(self, kind: str, access: Mapping[str, Any], connection: Any) -> None:
        self.kind, self.access, self.connection = kind, dict(access), connection

    def write(self, *ids: int) -> None:
        for each in ids:
            self.connection.execute(f"INSERT INTO {self.table} VALUES ({each}, 0)")
        self.connection.commit()

    def unseen(self) -> list[int]:
        rows = self.connection.execute(FIND.format(t=self.table)).fetchall()
        self.connection.commit()
        return [row[0] for row in rows]

    def trigger(self, **more: Any) -> PollingTrigger:
        return trigger(self.kind, sql=FIND.format(t=self.table), **self.access, **more)

    @property
    def mark(self) -> str:
        return MARK.format(t=self.table)


@pytest.fixture
def sqlite_orders(shared: Path) -> Iterator[Orders]:
    connection = sqlite3.connect(shared / "orders.db")
    connection.execute("CREATE TABLE orders (id INTEGER, seen INTEGER)")
    yield Orders("sqlite", {"url": f"jdbc:sqlite:{shared}/orders.db"}, connection)
    connection.close()


@pytest.fixture
def postgres_orders(postgres: Postgres) -> Iterator[Orders]:
    given = conninfo_to_dict(postgres.url(OWNER))
    with psycopg.connect(postgres.url(OWNER)) as connection:
        connection.execute("CREATE SCHEMA watched_orders CREATE TABLE orders (id int, seen int)")
        connection.commit()
        access = {
            "url": f"jdbc:postgresql://127.0.0.1:{postgres.port}/{given['dbname']}",
            "username": given["user"],
            "password": given["password"],
        }
        orders = Orders("postgresql", access, connection)
        orders.table = "watched_orders.orders"
        yield orders
        connection.rollback()
        connection.execute("DROP SCHEMA watched_orders CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def orders(request: pytest.FixtureRequest) -> Orders:
    found: Orders = request.getfixturevalue(f"{request.param}_orders")
    return found


def test_rows_start_an_execution_and_no_rows_start_none(ctx: MemoryContext, orders: Orders) -> None:
    assert orders.trigger().evaluate(ctx) is None
    orders.write(1, 2)
    assert orders.trigger().evaluate(ctx) == {"rows": [{"id": 1}, {"id": 2}], "size": 2}
    assert orders.trigger(fetchType="FETCH_ONE").evaluate(ctx) == {"row": {"id": 1}, "size": 1}
    stored = orders.trigger(fetchType="STORE").evaluate(ctx)
    assert stored is not None
    assert ctx.text(stored["uri"]).splitlines() == ['{"id":1}', '{"id":2}']


def test_what_was_found_is_marked_with_the_start_and_not_found_again(ctx: MemoryContext, orders: Orders) -> None:
    orders.write(1, 2)
    watch = orders.trigger(afterSQL=orders.mark)
    assert watch.evaluate(ctx) is None
    assert watch.evaluate(ctx) is None
    assert ctx.starts.begun == [{"rows": [{"id": 1}, {"id": 2}], "size": 2}]
    orders.write(3)
    watch.evaluate(ctx)
    assert [each["rows"] for each in ctx.starts.begun[1:]] == [[{"id": 3}]]


def test_what_starts_nothing_is_marked_nowhere(ctx: MemoryContext, orders: Orders) -> None:
    orders.write(1)
    ctx.starts.refuses = True
    with pytest.raises(PluginError, match="nothing begins"):
        orders.trigger(afterSQL=orders.mark).evaluate(ctx)
    assert orders.unseen() == [1]
    with pytest.raises(PluginError, match="nonsense"):
        orders.trigger(afterSQL="UPDATE nonsense SET a = 1").evaluate(ctx)
    assert ctx.starts.begun == []


def test_rows_that_come_meanwhile_are_neither_found_nor_marked(ctx: MemoryContext, postgres_orders: Orders) -> None:
    postgres_orders.write(1)
    begin = ctx.starts.begin

    def begin_later(**given: Any) -> None:
        postgres_orders.write(2)
        begin(**given)

    find = "SELECT id FROM watched_orders.orders WHERE seen = 0 ORDER BY id"
    watch = trigger("postgresql", sql=find, afterSQL=postgres_orders.mark, **postgres_orders.access)
    ctx.services["starts"].begin = begin_later
    watch.evaluate(ctx)
    assert ctx.starts.begun == [{"rows": [{"id": 1}], "size": 1}]
    assert postgres_orders.unseen() == [2]


def test_duckdb_looks_into_files_and_into_a_database_of_an_opened_folder(ctx: MemoryContext, shared: Path) -> None:
    sql = "SELECT n FROM read_csv_auto('{{ workingDir }}/a.csv') WHERE n > 1"
    watch = trigger("duckdb", sql=sql, inputFiles={"a.csv": "n\n1\n2\n"})
    assert watch.evaluate(ctx) == {"rows": [{"n": 2}], "size": 1}
    with duckdb.connect(str(shared / "a.duckdb")) as made:
        made.execute("CREATE TABLE t AS SELECT 1 AS id, 0 AS seen")
    url = f"jdbc:duckdb:{shared}/a.duckdb"
    watch = trigger("duckdb", url=url, sql=FIND.format(t="t"), afterSQL=MARK.format(t="t"))
    watch.evaluate(ctx)
    watch.evaluate(ctx)
    assert ctx.starts.begun == [{"rows": [{"id": 1}], "size": 1}]


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_database_outside_of_the_opened_folders_is_refused(ctx: MemoryContext, tmp_path: Path, kind: str) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (tmp_path / "secret.db").touch()
    (shared / "link.db").symlink_to(tmp_path / "secret.db")
    for path in (tmp_path / "secret.db", shared / "link.db", shared / ".." / "secret.db"):
        with pytest.raises(PluginError, match="not authorized"):
            trigger(kind, url=f"jdbc:{kind}:{path}", sql="SELECT 1").evaluate(ctx)


def test_a_database_that_is_away_says_so(ctx: MemoryContext) -> None:
    watch = trigger("postgresql", url="jdbc:postgresql://127.0.0.1:1/x", sql="SELECT 1")
    with pytest.raises(PluginError, match="cannot be reached"):
        watch.evaluate(ctx)
