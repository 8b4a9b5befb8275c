"""SQL on a real PostgreSQL, as its owner, in tables that end with the session."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from psycopg.conninfo import conninfo_to_dict

from control_plane.embedded.postgres import OWNER
from plugins.contracts import PluginError
from tests.plugins.tasks.memory import run

QUERY = "io.kestra.plugin.jdbc.postgresql.Query"
QUERIES = "io.kestra.plugin.jdbc.postgresql.Queries"


@pytest.fixture
def access(postgres):
    given = conninfo_to_dict(postgres.url(OWNER))
    place = f"jdbc:postgresql://127.0.0.1:{postgres.port}/{given['dbname']}"
    return {"url": place, "username": given["user"], "password": given["password"]}


def test_values_keep_their_types_and_parameters_are_bound(ctx, access):
    sql = "SELECT :n::int AS n, 'a%' AS s, 1.50::numeric AS d, '{\"a\": 1}'::jsonb AS j, :j::jsonb AS k, NULL AS x"
    given = {"n": 1, "j": {"b": [2]}}
    outputs = run(ctx, QUERY, sql=sql, parameters=given, fetchType="FETCH_ONE", **access)
    assert outputs["row"] == {"n": 1, "s": "a%", "d": Decimal("1.50"), "j": {"a": 1}, "k": {"b": [2]}, "x": None}


def test_several_statements_run_in_one_session(ctx, access):
    sql = """
    CREATE TEMP TABLE t (n int, d date);
    INSERT INTO t VALUES (1, '2024-01-02'), (2, NULL);
    DO $$ BEGIN NULL; END $$;
    SELECT * FROM t ORDER BY n;
    """
    outputs = run(ctx, QUERIES, sql=sql, fetchType="FETCH", **access)["outputs"]
    assert outputs == [{"size": 2}, {"rows": [{"n": 1, "d": date(2024, 1, 2)}, {"n": 2, "d": None}], "size": 2}]


def test_rows_go_to_a_file(ctx, access):
    sql = "SELECT n, DATE '2024-01-02' AS d FROM generate_series(1, 2500) AS n"
    outputs = run(ctx, QUERY, sql=sql, fetchType="STORE", **access)
    lines = ctx.text(outputs["uri"]).splitlines()
    assert (outputs["size"], lines[0], len(lines)) == (2500, '{"n":1,"d":2024-01-02}', 2500)


def test_what_the_database_refuses_fails_the_task(ctx, access):
    with pytest.raises(PluginError, match="nonsense"):
        run(ctx, QUERY, sql="SELECT nonsense", **access)
    with pytest.raises(PluginError, match="cannot be reached"):
        run(ctx, QUERY, sql="SELECT 1", **{**access, "password": "wrong"})
    with pytest.raises(PluginError, match="`n` has no value"):
        run(ctx, QUERY, sql="SELECT :n", parameters={"m": 1}, **access)


def test_a_kill_cancels_the_statement(ctx, access):
    timer = threading.Timer(0.3, ctx.kill)
    timer.start()
    with pytest.raises(PluginError, match="cancel"):
        run(ctx, QUERY, sql="SELECT pg_sleep(60)", fetchType="FETCH", **access)
    timer.join()
