"""PostgreSQL from the binaries of a wheel, started by our own launcher."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from control_plane.embedded.launchers import Launcher
from control_plane.embedded.leftovers import end, is_alive, runs
from control_plane.embedded.ports import remembered_port
from control_plane.embedded.private_files import private_folder, secret_from, write_private
from control_plane.embedded.provision import APP, OWNER, provision_database, provision_rights, provision_roles
from control_plane.embedded.server import ServerFailed, clean_environment

DATABASE = "orrery"
SUPERUSER = "postgres"
# Small, because everything of an instance shares one machine; durable, because it is the only copy.
TUNING = {
    "shared_buffers": "64MB",
    "max_connections": "60",
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    # Reads of data that fits into memory need no processes of their own.
    "io_method": "sync",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "random_page_cost": "1.1",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# The kernel allows 107 bytes for the path of a socket; the server adds its file name.
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.65535.lock")


@dataclass(frozen=True)
class Postgres:
    """One cluster. Passwords and port stand in `folder`; data and socket stand where the launcher can use them."""

    folder: Path
    launcher: Launcher
    # None leaves the server's own default, as an older one needs that does not know the setting.
    tuning: Mapping[str, str | None] = field(default_factory=dict)
    locale: tuple[str, ...] = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    name: str = "postgres"
    # Fast: connections are ended, nothing is lost.
    stop_signal: signal.Signals = signal.SIGINT

    @property
    def data(self) -> Path:
        return self.launcher.home / "data"

    @property
    def sockets(self) -> Path | None:
        """Folder of the socket, unless the clone stands so deep that no socket can have its name."""
        folder = self.launcher.home / "run"
        return folder if len(str(folder).encode()) <= LONGEST_SOCKET_FOLDER else None

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    def url(self, user: str, database: str = DATABASE) -> str:
        """How to connect as the role; over the socket where there is one."""
        login = f"{user}:{quote(self._password(user), safe='')}"
        if self.sockets is None:
            return f"postgresql://{login}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{login}@/{database}?" + urlencode({"host": str(self.sockets), "port": self.port})

    def prepare(self) -> None:
        """End what a killed predecessor left, make the cluster at the first start, choose the port."""
        private_folder(self.folder)
        self.end_leftover()
        for made in filter(None, (self.sockets,)):
            private_folder(made)
            self.launcher.hand_over(made)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        remembered_port(self.folder / "port")

    def end_leftover(self) -> None:
        pid = self.pid()
        if pid is not None:
            end(pid, self.stop_signal)

    def pid(self) -> int | None:
        """The running server's process, if its pid file tells the truth."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        return pid if is_alive(pid) and runs(pid, "postgres", str(self.data)) else None

    def command(self) -> list[str]:
        options: dict[str, str | None] = {
            **TUNING,
            **self.tuning,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.sockets or ""),
            "unix_socket_permissions": "0700",
        }
        settings = [word for key, value in options.items() if value is not None for word in ("-c", f"{key}={value}")]
        return self.launcher.wrap([str(self.launcher.binaries / "postgres"), "-D", str(self.data), *settings])

    def is_ready(self) -> bool:
        try:
            with psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def provision(self) -> None:
        """Roles with their passwords, and the instance's database; whatever stands already is left."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            provision_roles(connection, {role: self._password(role) for role in (OWNER, APP)})
        self.create_database(DATABASE)

    def create_database(self, name: str, template: str | None = None) -> None:
        """A database that `orrery_owner` owns and nobody else but `orrery_app` may enter."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            provision_database(connection, name, template)
        with psycopg.connect(self.url(SUPERUSER, name), autocommit=True) as connection:
            provision_rights(connection)

    def _password(self, role: str) -> str:
        return secret_from(self.folder / f"{role}.password")

    def _make_cluster(self) -> None:
        """Run initdb beside and rename, so that a start that was killed half-way leaves no half cluster."""
        beside = self.data.with_name("data.part")
        shutil.rmtree(beside, ignore_errors=True)
        password = self.launcher.home / "initdb.password"
        write_private(password, self._password(SUPERUSER))
        self.launcher.hand_over(password)
        command = [str(self.launcher.binaries / "initdb"), "-D", str(beside), "-U", SUPERUSER]
        command += ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--data-checksums"]
        command += [*self.locale, "--no-instructions", "--wal-segsize=4"]
        try:
            subprocess.run(
                self.launcher.wrap(command), env=clean_environment(), check=True, capture_output=True, text=True
            )
        except subprocess.CalledProcessError as error:
            raise ServerFailed(f"initdb: {error.stderr or error.stdout}") from error
        finally:
            password.unlink()
        beside.rename(self.data)
