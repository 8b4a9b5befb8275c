"""A whole instance of its own for a benchmark, with a tenant, a token and raw connections to it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil
import psycopg
from psycopg import sql

from control_plane.embedded.launchers import choose_launcher
from control_plane.embedded.postgres import SUPERUSER, Postgres

ROOT = Path(__file__).resolve().parents[2]
TENANT = "bench"
PASSWORD = "Correct-horse-1"
READY_SECONDS = 120.0


@dataclass
class Instance:
    """One that runs. `ask` keeps its connection; threads take one each by `client`."""

    port: int
    folder: Path
    token: str = ""
    pid: int = 0
    """Of the supervisor."""
    _own: http.client.HTTPConnection | None = field(default=None, repr=False)

    def client(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        client: http.client.HTTPConnection | None = None,
    ) -> Any:
        self._own = self._own or self.client()
        connection = client or self._own
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = content_type
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500]!r}")
        if "JWT" in (answer.headers.get("set-cookie") or ""):
            return answer.headers.get_all("set-cookie")
        return json.loads(text) if text else None

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything it has started."""
        supervisor = psutil.Process(self.pid or int((self.folder.parent / "pid").read_text()))
        return [supervisor, *supervisor.children(recursive=True)]

    def hang_up(self) -> None:
        """Close the connection; the next question opens another one."""
        if self._own is not None:
            self._own.close()
        self._own = None

    def database(self) -> psycopg.Connection[Any]:
        folder = self.folder / "postgres"
        return psycopg.connect(Postgres(folder, choose_launcher(folder)).url(SUPERUSER), autocommit=True)

    def save(self, source: str) -> None:
        self.ask("POST", f"/api/v1/{TENANT}/flows", source.encode(), "application/x-yaml")

    def settle(self, flow_id: str, count: int, seconds: float) -> None:
        """Wait until so many executions of a flow have ended."""
        deadline = time.monotonic() + seconds
        with self.database() as database:
            while time.monotonic() < deadline:
                row = database.execute(
                    "SELECT count(*) FROM execution WHERE flow_id = %s AND end_date IS NOT NULL", [flow_id]
                ).fetchone()
                if row is not None and row[0] >= count:
                    return
                time.sleep(0.02)
        raise TimeoutError(f"{flow_id}: {row and row[0]} of {count} ended")


@contextmanager
def running_instance(*, database: Mapping[str, str] = MappingProxyType({}), **environment: str) -> Iterator[Instance]:
    """`BENCH_PORT`, `BENCH_FOLDER` and `BENCH_PID` name one that runs already, for quick work on one figure.

    `database` are settings of PostgreSQL that hold from a second start on.
    """
    known = os.environ.get("BENCH_FOLDER")
    if known:
        instance = Instance(int(os.environ["BENCH_PORT"]), Path(known), pid=int(os.environ["BENCH_PID"]))
        _enter(instance)
        yield instance
        return
    folder = Path(tempfile.mkdtemp(prefix="orrery-bench-"))
    told = {**os.environ, "ORRERY_DATA_DIR": str(folder), "ORRERY_WEB_PORT": str(_free_port()), **environment}
    try:
        if database:
            with _started(folder, told) as instance:
                _set(instance, database)
        with _started(folder, told) as instance:
            _enter(instance)
            yield instance
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(folder: Path, told: Mapping[str, str]) -> Iterator[Instance]:
    command = [sys.executable, "-m", "control_plane.cli.main", "up"]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=log, stderr=log)
    instance = Instance(int(told["ORRERY_WEB_PORT"]), folder, pid=process.pid)
    try:
        _wait_until_ready(instance, process)
        yield instance
    finally:
        instance.hang_up()
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _set(instance: Instance, settings: Mapping[str, str]) -> None:
    with instance.database() as database:
        for name, value in settings.items():
            database.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))


def _wait_until_ready(instance: Instance, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError((instance.folder / "log.txt").read_text()[-3000:])
        try:
            instance.ask("GET", "/health/readiness")
        except (OSError, RuntimeError, http.client.HTTPException):
            instance.hang_up()
            time.sleep(0.2)
            continue
        with instance.database() as database:
            if database.execute("SELECT count(*) FROM worker WHERE left_at IS NULL").fetchone() != (0,):
                return
        time.sleep(0.2)
    raise TimeoutError((instance.folder / "log.txt").read_text()[-3000:])


def _enter(instance: Instance) -> None:
    """The first user, the tenant, and a token; or a new token of the user who is there already."""
    user = {"username": "bench@orrery.test", "password": PASSWORD}
    if not instance.ask("GET", "/api/v1/setup")["done"]:
        instance.ask("POST", "/api/v1/setup", {**user, "tenant": {"id": TENANT, "name": "Bench"}})
    connection = instance.client()
    connection.request("POST", "/login", json.dumps(user), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    cookies = [cookie.split(";")[0] for cookie in answer.headers.get_all("set-cookie") or []]
    connection.request("GET", "/ui/", headers={"Cookie": "; ".join(cookies)})
    page = connection.getresponse()
    page.read()
    cookies += [cookie.split(";")[0] for cookie in page.headers.get_all("set-cookie") or []]
    csrf = next((cookie.split("=", 1)[1] for cookie in cookies if cookie.startswith("csrfToken=")), "")
    headers = {"Cookie": "; ".join(cookies), "X-CSRF-TOKEN": csrf, "Content-Type": "application/json"}
    body = json.dumps({"name": f"bench-{time.time_ns()}"})
    connection.request("POST", "/api/v1/me/api-tokens", body, headers)
    made = connection.getresponse()
    text = made.read()
    if made.status >= 300:
        raise RuntimeError(f"no token: {made.status} {text!r}")
    connection.close()
    instance.token = json.loads(text)["fullToken"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
