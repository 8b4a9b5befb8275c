"""Real servers for the tests of one process: a PostgreSQL copied from a migrated template, and a Valkey."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import sql

from control_plane.embedded.launchers import Launcher, choose_launcher
from control_plane.embedded.leftovers import end, is_alive
from control_plane.embedded.postgres import OWNER, SUPERUSER, Postgres
from control_plane.embedded.private_files import private_folder
from control_plane.embedded.server import EmbeddedServer, last_lines, launch, running, stop
from control_plane.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "test"
KEPT_TEMPLATES = 3
# The data of a test run is worth nothing, so nothing waits for the disk.
TUNING: dict[str, str | None] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
}
# Folder of another PostgreSQL to test on, such as `/usr/lib/postgresql/15/bin`.
MACHINES_BINARIES = os.environ.get("POSTGRES_BINARIES")
# The oldest that we support, where Debian or its like has one.
OLDEST_POSTGRES = next(filter(Path.is_dir, map(Path, ("/usr/lib/postgresql/15/bin", "/usr/pgsql-15/bin"))), None)
SECRETS = ("postgres.password", "orrery_owner.password", "orrery_app.password")

Server = TypeVar("Server", bound=EmbeddedServer)


@dataclass(frozen=True)
class OtherBinaries:
    """The way that works here, with the binaries of another PostgreSQL."""

    way: Launcher
    binaries: Path

    @property
    def name(self) -> str:
        return self.way.name

    @property
    def home(self) -> Path:
        return self.way.home

    def wrap(self, command: list[str]) -> list[str]:
        return self.way.wrap(command)

    def hand_over(self, path: Path) -> None:
        self.way.hand_over(path)


class Servers:
    """Each server starts when it is first asked for and ends with the tests of this process."""

    def __init__(self) -> None:
        self.folder = FOLDER / f"run-{os.getpid()}"
        self._started: list[tuple[EmbeddedServer, subprocess.Popen[bytes]]] = []

    @cached_property
    def postgres(self) -> Postgres:
        with _alone("template"):
            _sweep()
            template = _template()
            postgres = _postgres(self._folder("postgres"))
            _copy(template, postgres)
        return self._start(postgres)

    @cached_property
    def valkey(self) -> Valkey:
        return self._start(Valkey(self._folder("valkey")))

    def close(self) -> None:
        for server, process in reversed(self._started):
            stop(server, process)
        self._started.clear()
        _remove_run(self.folder)

    def _folder(self, name: str) -> Path:
        return private_folder(private_folder(self.folder) / name)

    def _start(self, server: Server) -> Server:
        self._started.append((server, launch(server, self.folder / f"{server.name}.log")))
        return server


class Cleaner:
    """Puts the database back to what the migrations left, whatever a test committed.

    It deletes as superuser with triggers off: neither row-level security nor an append-only table stops it, and an
    empty page costs nothing. [measured: 1.6 ms for 31 tables with a row each; TRUNCATE of them 52 ms]
    """

    def __init__(self, postgres: Postgres) -> None:
        self._connection = psycopg.connect(postgres.url(SUPERUSER), autocommit=True)
        self._connection.execute("SET session_replication_role = replica")
        # A test that left a transaction open fails here instead of hanging.
        self._connection.execute("SET lock_timeout = '10s'")
        self._seeded = [name for name in self._used_tables() if name != "django_migrations"]
        self._connection.execute("CREATE SCHEMA seed")
        for name in self._seeded:
            table = sql.Identifier(name)
            self._connection.execute(sql.SQL("CREATE TABLE seed.{} AS SELECT * FROM public.{}").format(table, table))

    def clean(self) -> None:
        statements = [sql.SQL("DELETE FROM public.{}").format(sql.Identifier(name)) for name in self._used_tables()]
        statements += [
            sql.SQL("INSERT INTO public.{} OVERRIDING SYSTEM VALUE SELECT * FROM seed.{}").format(
                sql.Identifier(name), sql.Identifier(name)
            )
            for name in self._seeded
        ]
        if statements:
            self._connection.execute(sql.SQL("BEGIN; {}; COMMIT").format(sql.SQL("; ").join(statements)))

    def close(self) -> None:
        self._connection.close()

    def _used_tables(self) -> list[str]:
        rows = self._connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'django_migrations' AND pg_relation_size(oid) > 0 ORDER BY relname"
        )
        return [row[0] for row in rows]


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """One process of this clone at a time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _postgres(folder: Path) -> Postgres:
    if MACHINES_BINARIES is None:
        return Postgres(folder, choose_launcher(folder), TUNING)
    return older_postgres(folder, choose_launcher(folder), Path(MACHINES_BINARIES), TUNING)


def older_postgres(folder: Path, launcher: Launcher, binaries: Path, tuning: Mapping[str, str | None]) -> Postgres:
    """One that the machine brings: it knows neither every setting nor every locale of the embedded one."""
    return Postgres(
        folder, OtherBinaries(launcher, binaries), {**tuning, "io_method": None}, locale=("--locale=C.UTF-8",)
    )


def _template() -> Postgres:
    """A stopped cluster with every migration applied, made once per state of the migrations."""
    folder = FOLDER / f"template-{_fingerprint()}"
    if folder.exists():
        os.utime(folder)
        return _postgres(folder)
    beside = FOLDER / "template.part"
    if beside.exists():
        _remove(_postgres(beside))
    _migrate(_postgres(private_folder(beside)))
    beside.rename(folder)
    return _postgres(folder)


def _migrate(postgres: Postgres) -> None:
    log = postgres.folder / "log"
    with running(postgres, log):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ORRERY_")}
        owner = {"ORRERY_DATABASE_URL": postgres.url(OWNER), "DJANGO_SETTINGS_MODULE": "control_plane.settings"}
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
        done = subprocess.run(command, env={**kept, **owner}, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the migrations fail:\n{done.stdout}{done.stderr}\n{last_lines(log)}")
    (postgres.data / "template").touch()


def _fingerprint() -> str:
    """Changes with whatever the template is made from."""
    sources = list(ROOT.glob("*/migrations/*.py"))
    sources += [*ROOT.glob("control_plane/**/migrations/*.py"), *ROOT.glob("control_plane/embedded/*")]
    sources += ROOT.glob("control_plane/kernel/*.py")
    digest = hashlib.sha256((MACHINES_BINARIES or "").encode())
    for path in sorted(path for path in sources if path.is_file()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _copy(template: Postgres, postgres: Postgres) -> None:
    for name in SECRETS:
        shutil.copy2(template.folder / name, postgres.folder / name)
    subprocess.run(["cp", "-a", "--reflink=auto", str(template.data), str(postgres.data)], check=True)


def _sweep() -> None:
    """Remove what killed test runs left, and templates that newer ones have replaced."""
    for folder in FOLDER.glob("run-*"):
        if not is_alive(int(folder.name.removeprefix("run-"))):
            _remove_run(folder)
    templates = sorted(FOLDER.glob("template-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in templates[KEPT_TEMPLATES:]:
        _remove(_postgres(folder))


def _remove_run(folder: Path) -> None:
    if (folder / "postgres").exists():
        _remove(_postgres(folder / "postgres"))
    if (folder / "valkey").exists():
        pid = Valkey(folder / "valkey").pid()
        if pid is not None:
            end(pid, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)


def _remove(postgres: Postgres) -> None:
    """The cluster and its folder; under setpriv its data stands in another one."""
    postgres.end_leftover()
    shutil.rmtree(postgres.launcher.home, ignore_errors=True)
    shutil.rmtree(postgres.folder, ignore_errors=True)
