"""SQL tasks: rows into outputs or files, and no way out of the working directory."""

import pytest

from plugins.contracts import PluginError
from plugins.tasks.jdbc.postgresql import Query as PostgresQuery
from plugins.tasks.jdbc.statements import split, with_parameters
from tests.plugins.tasks.memory import run

EMBEDDED = ["sqlite", "duckdb"]


def kind(name: str, task: str = "Query") -> str:
    return f"io.kestra.plugin.jdbc.{name}.{task}"


@pytest.mark.parametrize(
    ("sql", "statements"),
    [
        ("SELECT 1", ["SELECT 1"]),
        ("a; b;\n c ;", ["a", "b", "c"]),
        ("SELECT ';'; SELECT \"a;b\"", ["SELECT ';'", 'SELECT "a;b"']),
        ("-- one; two\nSELECT 1; /* x; */", ["-- one; two\nSELECT 1"]),
        ("CREATE FUNCTION f() AS $$ a; b $$; SELECT 1", ["CREATE FUNCTION f() AS $$ a; b $$", "SELECT 1"]),
        ("SELECT $x$ ; $y$ ; $x$", ["SELECT $x$ ; $y$ ; $x$"]),
        ("SELECT 'it''s; fine'", ["SELECT 'it''s; fine'"]),
        (" ;; ", []),
        ("-- nothing", []),
        ("SELECT 'open; text", ["SELECT 'open; text"]),
    ],
)
def test_statements_are_split_where_they_end(sql, statements):
    assert split(sql) == statements


def test_named_parameters_are_found_outside_of_texts_and_casts():
    sql = "SELECT :a, b::text, ':c', \":d\", -- :e\n :a2 % 3, x[1:2]"
    text, names = with_parameters(sql, lambda name: f"<{name}>", lambda piece: piece.replace("%", "%%"))
    assert names == ["a", "a2"]
    assert text == "SELECT <a>, b::text, ':c', \":d\", -- :e\n <a2> %% 3, x[1:2]"


@pytest.mark.parametrize("name", EMBEDDED)
def test_what_becomes_of_the_rows(ctx, name):
    sql = "SELECT 1 AS n, 'a' AS s UNION ALL SELECT 2, 'b' ORDER BY 1"
    rows = [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}]
    assert run(ctx, kind(name), sql=sql, fetchType="FETCH") == {"rows": rows, "size": 2}
    assert run(ctx, kind(name), sql=sql, fetchType="FETCH_ONE") == {"row": rows[0], "size": 1}
    assert run(ctx, kind(name), sql=sql) == {}
    stored = run(ctx, kind(name), sql=sql, store=True)
    assert ctx.text(stored["uri"]) == '{"n":1,"s":"a"}\n{"n":2,"s":"b"}\n'
    assert stored["size"] == 2


@pytest.mark.parametrize("name", EMBEDDED)
def test_no_row_at_all(ctx, name):
    sql = "SELECT 1 AS n WHERE 1 = 0"
    assert run(ctx, kind(name), sql=sql, fetchType="FETCH_ONE") == {"row": None, "size": 0}
    assert run(ctx, kind(name), sql=sql, fetchType="FETCH") == {"rows": [], "size": 0}


@pytest.mark.parametrize("name", EMBEDDED)
def test_parameters_are_bound_and_never_pasted(ctx, name):
    ctx.scope["inputs"] = {"value": "x'; DROP TABLE t; --"}
    outputs = run(ctx, kind(name), sql="SELECT :v AS v", parameters={"v": "{{ inputs.value }}"}, fetchType="FETCH_ONE")
    assert outputs["row"] == {"v": "x'; DROP TABLE t; --"}
    with pytest.raises(PluginError):
        run(ctx, kind(name), sql="SELECT :missing AS v")


@pytest.mark.parametrize("name", EMBEDDED)
def test_several_queries_give_the_rows_of_each(ctx, name):
    sql = "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2); SELECT sum(n) AS total FROM t; SELECT 7 AS n"
    outputs = run(ctx, kind(name, "Queries"), sql=sql, fetchType="FETCH")["outputs"]
    assert [each["rows"] for each in outputs if "rows" in each] == [[{"total": 3}], [{"n": 7}]]


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_wrong_statement_says_what_the_database_said(ctx, name):
    with pytest.raises(PluginError, match="nonsense"):
        run(ctx, kind(name), sql="SELECT * FROM nonsense")
    with pytest.raises(PluginError, match="no SQL"):
        run(ctx, kind(name), sql=" -- nothing")


@pytest.mark.parametrize("name", EMBEDDED)
def test_too_many_rows_belong_into_a_file(ctx, name):
    sql = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 120000) SELECT n FROM r"
    with pytest.raises(PluginError, match="STORE"):
        run(ctx, kind(name), sql=sql, fetchType="FETCH")
    assert run(ctx, kind(name), sql=sql, fetchType="STORE")["size"] == 120_000


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_kill_interrupts_the_query(ctx, name):
    import threading

    timer = threading.Timer(0.3, ctx.kill)
    timer.start()
    sql = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"
    with pytest.raises(PluginError):
        run(ctx, kind(name), sql=sql)
    timer.join()


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize("path", ["/etc/passwd", "../x.db", "a/../../x.db", "file:/etc/passwd"])
def test_databases_lie_in_the_working_directory(ctx, name, path):
    with pytest.raises(PluginError):
        run(ctx, kind(name), url=f"jdbc:{name}:{path}", sql="SELECT 1")


@pytest.mark.parametrize("name", EMBEDDED)
def test_links_in_the_working_directory_are_refused(ctx, name, tmp_path):
    (ctx.workdir / "link").symlink_to(tmp_path)
    with pytest.raises(PluginError, match="symbolic link"):
        run(ctx, kind(name), sql="SELECT 1")


@pytest.mark.parametrize(
    "sql",
    ["ATTACH '/tmp/other.db' AS o", "SELECT load_extension('/tmp/x')", "VACUUM INTO '/tmp/copy.db'", "DETACH main"],
)
def test_sqlite_opens_no_other_file(ctx, sql):
    with pytest.raises(PluginError):
        run(ctx, kind("sqlite"), sql=sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_text('{{ workingDir }}/../../../../etc/passwd')",
        "SELECT * FROM read_csv('pyproject.toml')",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "LOAD '/tmp/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SELECT * FROM read_csv('http://169.254.169.254/')",
        "EXPORT DATABASE '/tmp/out'",
    ],
)
def test_duckdb_sees_the_working_directory_alone(ctx, sql):
    with pytest.raises(PluginError):
        run(ctx, kind("duckdb"), sql=sql)


def test_duckdb_reads_and_writes_files_of_the_working_directory(ctx):
    files = {"o.csv": "a,b\n1,x\n2,y\n"}
    sql = "COPY (SELECT sum(a) AS total FROM read_csv_auto('{{ workingDir }}/o.csv')) TO '{{ workingDir }}/out.csv'"
    outputs = run(ctx, kind("duckdb"), sql=sql, inputFiles=files, outputFiles=["out.csv"])
    assert ctx.text(outputs["outputFiles"]["out.csv"]) == "total\n3\n"


def test_databases_may_be_kept_and_used_again(ctx):
    create = "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (5)"
    kept = run(ctx, kind("sqlite", "Queries"), url="jdbc:sqlite:my.db", sql=create, outputDbFile=True)["databaseUri"]
    assert run(ctx, kind("sqlite"), sqliteFile=kept, sql="SELECT n FROM t", fetchType="FETCH_ONE")["row"] == {"n": 5}
    kept = run(ctx, kind("duckdb", "Queries"), sql=create, outputDbFile=True)["databaseUri"]
    ctx.workdir.joinpath("database.duckdb").unlink()
    assert run(ctx, kind("duckdb"), databaseUri=kept, sql="SELECT n FROM t", fetchType="FETCH_ONE")["row"] == {"n": 5}


def postgres(**properties):
    document = {"id": "t", "type": PostgresQuery.TYPE, "sql": "SELECT 1", **properties}
    return PostgresQuery.model_validate(document)


def test_postgresql_connects_to_the_checked_address_and_keeps_the_name(ctx):
    ctx.services["http"] = type("Way", (), {"resolve": lambda self, host, port: ["203.0.113.7", "203.0.113.8"]})()
    task = postgres(url="jdbc:postgresql://db.example:6432/shop?sslmode=verify-full", username="u", password="p")
    given = task._parameters(ctx)
    assert given["host"] == "db.example,db.example"
    assert given["hostaddr"] == "203.0.113.7,203.0.113.8"
    assert (given["port"], given["dbname"], given["user"], given["sslmode"]) == (6432, "shop", "u", "verify-full")


@pytest.mark.parametrize(
    "url",
    [
        "jdbc:mysql://x/y",
        "jdbc:postgresql:///x",
        "jdbc:postgresql:x",
        "jdbc:postgresql://x:none/y",
        "jdbc:postgresql://[::1/y",
        "",
        "jdbc:postgresql://169.254.169.254/x",
        "jdbc:postgresql://%2Fvar%2Frun/x",
    ],
)
def test_addresses_of_no_database_are_refused(ctx, url):
    with pytest.raises(PluginError):
        run(ctx, kind("postgresql"), url=url, sql="SELECT 1")


def test_a_database_that_is_not_there_may_be_back_later(ctx):
    with pytest.raises(PluginError, match="cannot be reached") as caught:
        run(ctx, kind("postgresql"), url="jdbc:postgresql://127.0.0.1:1/x", username="u", sql="SELECT 1")
    assert caught.value.retryable
