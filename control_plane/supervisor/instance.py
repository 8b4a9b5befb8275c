"""A whole instance on one machine, as services in the order in which they start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import Postgres
from control_plane.embedded.private_files import private_folder, secret_from, write_private
from control_plane.embedded.provision import APP, OWNER
from control_plane.embedded.server import EmbeddedServer, clean_environment
from control_plane.embedded.valkey import Valkey
from control_plane.kernel.config import PREFIX, Config, as_environment
from control_plane.supervisor.service import Service

ORRERY = (sys.executable, "-m", "control_plane.cli.main")
DEFAULT_GROUP = "default"
# What a worker may know of its surroundings; everything else it is told on purpose.
DRAIN_SECONDS = 5.0
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True)
class Instance:
    """Embedded servers stand in for those that the configuration does not name."""

    knobs: Config

    @cached_property
    def postgres(self) -> Postgres | None:
        folder = self.knobs.data_dir / "postgres"
        return None if self.knobs.database_url else Postgres(folder, choose_launcher(folder))

    @cached_property
    def valkey(self) -> Valkey | None:
        return None if self.knobs.redis_url else Valkey(self.knobs.data_dir / "valkey")

    @property
    def address(self) -> str:
        """The web server as this machine reaches it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.knobs.web_host, self.knobs.web_host)
        return f"http://[{host}]:{self.knobs.web_port}" if ":" in host else f"http://{host}:{self.knobs.web_port}"

    def services(self) -> list[Service]:
        private_folder(self.knobs.data_dir)
        embedded = [self._embedded(server) for server in (self.postgres, self.valkey) if server is not None]
        return [
            *embedded,
            Service("migrate", _orrery("migrate"), self._owner_environment, _at_once, once=True),
            Service("web", self._serve("web"), self.server_environment, self._answers),
            Service("scheduler", self._serve("scheduler"), self.server_environment, _at_once),
            Service(
                "worker",
                self._serve("worker", "--group", DEFAULT_GROUP, "--server", self.address, "--token-fd", "{fd}"),
                self._worker_environment,
                _at_once,
                secret=self._worker_token,
                stop_seconds=self._drain_seconds + 5,
            ),
        ]

    def _embedded(self, server: EmbeddedServer) -> Service:
        return Service(
            server.name,
            server.command,
            clean_environment,
            server.is_ready,
            prepare=server.prepare,
            provision=server.provision,
            stop_signal=server.stop_signal,
            log=private_folder(self.knobs.data_dir / "log") / f"{server.name}.log",
        )

    def _serve(self, role: str, *arguments: str) -> Callable[[], list[str]]:
        return _orrery("server", role, "--supervised-by", str(os.getpid()), *arguments)

    def server_environment(self) -> dict[str, str]:
        """Ours, with secrets in private files in place of values, and without the owner's address."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX + "OWNER_DATABASE_URL")}
        told = {"ORRERY_DATA_DIR": str(self.knobs.data_dir), **self._embedded_egress()}
        for name, given, value in (
            ("worker_broker_url", self.knobs.worker_broker_url, self.valkey.worker_url if self.valkey else None),
            ("secret_key", self.knobs.secret_key, None),
            ("encryption_key", self.knobs.encryption_key, None),
            ("database_url", self.knobs.database_url, self.postgres.url(APP) if self.postgres else None),
            ("redis_url", self.knobs.redis_url, self.valkey.url if self.valkey else None),
        ):
            if given is None:
                told[f"{PREFIX}{name.upper()}_FILE"] = str(self._private(name, value))
        return ours | told

    def _private(self, name: str, value: str | None) -> Path:
        """A file that holds the value or, when there is none, a secret made at the first start."""
        path = self.knobs.data_dir / "keys" / name
        if value is None:
            secret_from(path)
        else:
            write_private(path, value)
        return path

    def _embedded_egress(self) -> dict[str, str]:
        """Everything else of an embedded instance is on this machine, so tasks may reach it unless somebody said no."""
        if self.postgres is None:
            return {}
        chosen = self.knobs.egress.model_fields_set
        ports = [server.port for server in (self.postgres, self.valkey) if server is not None]
        refused = [*self.knobs.egress.refused, *(f"127.0.0.1:{port}" for port in ports)]
        allowed = {
            f"{PREFIX}EGRESS_{name}".upper(): "true" for name in ("allow_private", "allow_self") if name not in chosen
        }
        return allowed | {"ORRERY_EGRESS_REFUSED": ",".join(refused)}

    def _owner_environment(self) -> dict[str, str]:
        environment = self.server_environment()
        if self.postgres is not None:
            environment["ORRERY_OWNER_DATABASE_URL"] = self.postgres.url(OWNER)
        elif self.knobs.owner_database_url:
            environment["ORRERY_OWNER_DATABASE_URL"] = self.knobs.owner_database_url
        return environment

    @property
    def _drain_seconds(self) -> float:
        """Whoever pressed Ctrl-C waits: what still runs then is handed back and begins again at the next start."""
        chosen = self.knobs.worker
        return chosen.drain_seconds if "drain_seconds" in chosen.model_fields_set else DRAIN_SECONDS

    def _worker_environment(self) -> dict[str, str]:
        """No address of the database or the broker, no key: what a worker may have, the instance tells it."""
        passed = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
        told = as_environment(self.knobs, "worker", "log_level", "log_format")
        told["ORRERY_WORKER_DRAIN_SECONDS"] = str(self._drain_seconds)
        return passed | told | {"ORRERY_CONFIG": os.devnull, "ORRERY_DATA_DIR": str(self.knobs.data_dir / "worker")}

    def _worker_token(self) -> str:
        """A fresh token of the default group, from a process that may write it."""
        command = [*ORRERY, "worker-token", DEFAULT_GROUP]
        done = subprocess.run(command, env=self.server_environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"no token for the worker: {done.stderr.strip()}")
        return done.stdout.strip()

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.address}/health/readiness", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):
            return False


def _orrery(*arguments: str) -> Callable[[], list[str]]:
    return lambda: [*ORRERY, *arguments]


def _at_once() -> bool:
    """Nothing waits for it, so nothing asks whether it is ready."""
    return True
