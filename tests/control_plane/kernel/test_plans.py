"""What a connection keeps planned, also where a proxy lends it for one transaction at a time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from control_plane.embedded.ports import free_port
from control_plane.embedded.postgres import APP, Postgres
from control_plane.kernel import plans
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.plans import Plans, is_lent, plans_of
from control_plane.kernel.scope import tenant_scope
from control_plane.settings import database_settings

ECHO = "SELECT %s::text, pg_backend_pid()"


def test_a_connection_of_our_own_is_not_lent(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(APP)) as direct:
        assert not is_lent(direct)


def test_a_lent_connection_prepares_nothing() -> None:
    lent = Plans(is_lent=True)
    assert [lent.wanted("SELECT 1") for _ in range(3)] == [False] * 3
    assert not lent.are_stale()


@pytest.mark.django_db
def test_what_was_not_used_for_longest_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST_PLANS", 3)
    connection.close()
    hot = "SELECT %s::int"
    for number in range(12):
        with tenant_scope("acme"):
            for statement in (hot, f"SELECT %s::int + {number}"):
                for given in (1, 2):
                    pipeline = Pipeline()
                    place = pipeline.add(statement, [given])
                    ((answer,),) = pipeline.run()[place]
                    assert answer == given + (0 if statement == hot else number)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (3,)
    known = plans_of(connection.connection)
    assert known.name_of(hot) is not None
    assert known.name_of("SELECT %s::int + 11") is not None
    assert known.name_of("SELECT %s::int + 1") is None
    connection.close()


@pytest.fixture
def pooled(postgres: Postgres, tmp_path: Path) -> Iterator[str]:
    """An address that leads through PgBouncer in transaction mode, with two connections to share."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("no PgBouncer is installed here")
    parts = conninfo_to_dict(postgres.url(APP))
    folder, port = Path(f"/tmp/orrery-bouncer-{os.getpid()}"), free_port()
    folder.mkdir(mode=0o700)
    (folder / "users").write_text(f'"{APP}" "{parts["password"]}"\n')
    (folder / "ini").write_text(
        f"[databases]\norrery = host=127.0.0.1 port={postgres.port} dbname=orrery\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = plain\n"
        f"auth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 2\n"
    )
    become = []
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "nobody")
        become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    process = subprocess.Popen([*become, program, "-q", str(folder / "ini")])
    url = make_conninfo(**{**parts, "host": "127.0.0.1", "port": str(port)})
    try:
        _until_it_answers(url)
        yield url
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder)


def _until_it_answers(url: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.django_db
def test_statements_come_again_through_a_pooling_proxy(pooled: str) -> None:
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(database_settings(pooled))
    try:
        # Somebody else in a transaction keeps one of the two, so that ours is now the one and now the other.
        answers, servers = [], set()
        for number in range(8):
            with psycopg.connect(pooled) as other:
                other.execute("SELECT 1")
                if number % 2:
                    other.commit()
                with tenant_scope("acme"):
                    pipeline = Pipeline()
                    place = pipeline.add(ECHO, [str(number)])
                    ((text, server),) = pipeline.run()[place]
                answers.append(text)
                servers.add(server)
        assert answers == [str(number) for number in range(8)]
        assert len(servers) == 2
        assert plans_of(connection.connection).name_of(ECHO) is None
    finally:
        connection.close()
        connection.settings_dict.update(before)
