"""The embedded servers for real: each test's cluster stands in a folder that only its owner may enter."""

import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from control_plane.embedded import launchers
from control_plane.embedded.launchers import Direct, SetPriv, UserNamespace, choose_launcher, installed_for_nobody
from control_plane.embedded.leftovers import end, is_alive
from control_plane.embedded.postgres import APP, OWNER, SUPERUSER, Postgres
from control_plane.embedded.server import launch, running, stop
from control_plane.embedded.valkey import Valkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a choice to make")


@pytest.fixture
def private(tmp_path):
    """A clone under a folder of rights 0700."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder / "clone" / "var"


def rights(path: Path) -> dict[str, int]:
    return {str(parent): stat.S_IMODE(parent.stat().st_mode) for parent in (path, *path.parents)}


def as_root_in_a_namespace(folder: Path, state: Path) -> Postgres:
    return Postgres(folder, choose_launcher(folder))


def as_nobody_with_copies(folder: Path, state: Path) -> Postgres:
    folder.mkdir(parents=True, mode=0o700)
    return Postgres(folder, installed_for_nobody(folder, state))


@as_root
@pytest.mark.parametrize("way", [as_root_in_a_namespace, as_nobody_with_copies])
def test_root_starts_it_under_a_private_folder_and_changes_no_rights(private, tmp_path_factory, way):
    private.mkdir(parents=True)
    state = Path("/var/lib/orrery-test") / str(os.getpid()) / way.__name__
    before, users = rights(private), Path("/etc/passwd").read_bytes()
    postgres = way(private / "postgres", state)
    try:
        with running(postgres, private / "log"), psycopg.connect(postgres.url(APP)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (APP,)
            assert Path(f"/proc/{postgres.pid()}").exists()
        assert rights(private) == before
        assert Path("/etc/passwd").read_bytes() == users
    finally:
        launchers.shutil.rmtree(state.parent, ignore_errors=True)


@as_root
def test_root_prefers_a_namespace_where_one_can_be_had(private):
    assert isinstance(choose_launcher(private), UserNamespace)


@as_root
def test_where_namespaces_are_forbidden_copies_stand_elsewhere_and_the_clone_says_where(private, tmp_path, monkeypatch):
    monkeypatch.setattr(launchers, "_works", lambda launcher, folder: False)
    monkeypatch.setattr(launchers, "_copy_binaries", lambda place, launcher: None)
    launcher = choose_launcher(private, tmp_path / "state")
    assert isinstance(launcher, SetPriv)
    assert (private / "location").read_text().strip() == str(launcher.home)


def test_an_ordinary_user_starts_it_directly(private, monkeypatch):
    monkeypatch.setattr(launchers.os, "geteuid", lambda: 1000)
    assert isinstance(choose_launcher(private), Direct)


@pytest.fixture
def postgres(private):
    return Postgres(private / "postgres", choose_launcher(private / "postgres"), {"fsync": "off"})


def test_the_serving_role_is_weak_and_the_owner_owns(postgres, private):
    with running(postgres, private / "log"):
        with psycopg.connect(postgres.url(OWNER)) as owner:
            owner.execute("CREATE TABLE thing (id int)")
        with psycopg.connect(postgres.url(APP), autocommit=True) as app:
            app.execute("INSERT INTO thing VALUES (1)")
            for forbidden in ("DROP TABLE thing", "TRUNCATE thing", "CREATE TABLE mine (id int)"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(forbidden)
            assert app.execute("SELECT rolinherit, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
                               ).fetchone() == (False, False, False)  # fmt: skip


def test_the_service_role_is_taken_on_purpose_and_never_inherited(postgres, private):
    with running(postgres, private / "log"):
        with psycopg.connect(postgres.url(OWNER)) as owner:
            owner.execute("CREATE TABLE listed (id int); REVOKE ALL ON listed FROM orrery_app")
            owner.execute("GRANT SELECT ON listed TO orrery_service")
        with psycopg.connect(postgres.url(APP), autocommit=True) as app:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SELECT * FROM listed")
            with app.transaction():
                app.execute("SET LOCAL ROLE orrery_service")
                app.execute("SELECT * FROM listed")


def test_it_is_durable_utf8_and_checks_its_pages(private):
    postgres = Postgres(private / "postgres", choose_launcher(private / "postgres"))
    with running(postgres, private / "log"), psycopg.connect(postgres.url(APP)) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone()[0] for name in
                 ("fsync", "synchronous_commit", "data_checksums", "server_encoding", "listen_addresses")}  # fmt: skip
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "listen_addresses": "127.0.0.1",
    }


def test_nobody_enters_without_a_password(postgres, private):
    with running(postgres, private / "log"), pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"host=127.0.0.1 port={postgres.port} user={SUPERUSER} dbname=postgres")


def test_data_address_and_passwords_survive_a_restart(postgres, private):
    with running(postgres, private / "log"):
        address = postgres.url(OWNER)
        with psycopg.connect(address) as owner:
            owner.execute("CREATE TABLE kept (id int)")
    with running(postgres, private / "log"), psycopg.connect(address) as owner:
        owner.execute("SELECT * FROM kept")


def test_a_start_ends_what_a_killed_predecessor_left(postgres, private):
    left = launch(postgres, private / "log")
    again = launch(postgres, private / "log")
    left.wait()
    assert postgres.pid() == again.pid
    stop(postgres, again)


def test_a_killed_server_starts_again(postgres, private):
    killed = launch(postgres, private / "log")
    end(killed.pid, signal.SIGKILL)
    killed.wait()
    with running(postgres, private / "log"):
        assert postgres.is_ready()


def test_an_initdb_that_was_cut_short_is_begun_anew(postgres, private):
    (postgres.data.with_name("data.part") / "base").mkdir(parents=True)
    with running(postgres, private / "log"):
        assert postgres.is_ready()


def test_a_clone_too_deep_for_a_socket_uses_the_port(private):
    deep = private / ("x" * 100) / "postgres"
    postgres = Postgres(deep, choose_launcher(deep), {"fsync": "off"})
    assert postgres.sockets is None
    with running(postgres, private / "log"), psycopg.connect(postgres.url(APP)) as connection:
        assert connection.info.host == "127.0.0.1"


def test_secrets_are_readable_by_their_owner_alone(postgres, private):
    with running(postgres, private / "log"):
        secrets = [*private.glob("postgres/*.password")]
    assert len(secrets) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}


def test_valkey_answers_only_with_its_password(private):
    valkey = Valkey(private / "valkey")
    with running(valkey, private / "log"):
        with redis.Redis.from_url(valkey.url) as client:
            assert client.ping()
        with redis.Redis(port=valkey.port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_valkey_ends_what_a_killed_predecessor_left(private):
    valkey = Valkey(private / "valkey")
    left = launch(valkey, private / "log")
    again = launch(valkey, private / "log")
    left.wait()
    assert not is_alive(left.pid)
    stop(valkey, again)


def test_a_worker_reaches_tickets_and_nothing_else(private):
    valkey = Valkey(private / "valkey")
    with running(valkey, private / "log"), redis.Redis.from_url(valkey.worker_url) as worker:
        assert worker.lpush("orrery.default", "ticket") == 1
        for forbidden in (
            lambda: worker.get("session"),
            lambda: worker.publish("orrery:acme", "forged"),
            lambda: worker.execute_command("SUBSCRIBE", "orrery:acme"),
            worker.flushall,
            lambda: worker.config_get("requirepass"),
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                forbidden()
