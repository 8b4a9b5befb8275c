"""One whole instance for the drills of this folder, with short leases."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from tests.bench.instance import TENANT, Instance, running_instance
from tests.faults.by_hand import HandWorker, platform_token, remote_token, start_worker
from tests.faults.invariants import broken

QUICK = {
    "ORRERY_WORKER_LEASE_SECONDS": "4",
    "ORRERY_WORKER_HEARTBEAT_SECONDS": "1",
    "ORRERY_WORKER_SWEEP_SECONDS": "0.5",
    "ORRERY_WORKER_POLL_SECONDS": "1",
}


class Drill:
    """An instance and ways to hurt it."""

    def __init__(self, instance: Instance, flag: Path) -> None:
        self.instance = instance
        self.flag = flag

    def process(self, role: str) -> psutil.Process:
        """The process of a role that the supervisor has started, or its first one of that name."""
        for process in psutil.Process(self.instance.pid).children(recursive=True):
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if line.startswith(f"orrery {role}") or role in line.split(" ")[0].rpartition("/")[2]:
                return process
        raise LookupError(f"no process {role} of this instance")

    def wait(self, holds: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Wait until something holds; what it returned. What cannot be asked meanwhile does not hold."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = holds()
            except (LookupError, psutil.Error, psycopg.Error):
                found = None
            if found:
                return found
            time.sleep(0.05)
        raise TimeoutError("it did not come to that")

    def start(self, flow_id: str) -> str:
        """Over a connection of its own: a kept one may have been closed meanwhile."""
        self.instance.hang_up()
        return str(self.instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/{flow_id}")["id"])

    def start_many(self, flow_id: str, count: int) -> list[str]:
        """As fast as one connection takes them."""
        address = f"/api/v1/{TENANT}/executions/bench/{flow_id}"
        with contextlib.closing(self.instance.client()) as client:
            return [str(self.instance.ask("POST", address, client=client)["id"]) for _ in range(count)]

    def kill(self, execution_id: str) -> None:
        self.instance.hang_up()
        self.instance.ask("DELETE", f"/api/v1/{TENANT}/executions/{execution_id}/actions/kill")

    def start_if_it_can(self, flow_id: str) -> str | None:
        """The id of an accepted start; None when the API did not say yes."""
        try:
            return self.start(flow_id)
        except Exception:
            self.instance.hang_up()
            return None

    @contextmanager
    def broker(self) -> Iterator[redis.Redis]:
        """The broker as its owner sees it."""
        url = (self.instance.folder / "keys" / "redis_url").read_text().strip()
        with redis.Redis.from_url(url) as client:
            yield client

    def held_tickets(self, group: str) -> int:
        """Tickets of a group that some consumer has taken and not acknowledged. Those of others do not count: a worker
        that was killed by an earlier test may have left one, which the broker brings back after an hour."""
        with self.broker() as broker:
            return sum(f"orrery.{group}".encode() in text for text in broker.hvals("unacked"))

    def log(self) -> str:
        """What the supervisor has printed so far."""
        return (self.instance.folder / "log.txt").read_text(errors="replace")

    def make_group(self, key: str) -> None:
        self.instance.ask("POST", "/api/v1/instance/worker-groups", {"id": key, "name": key, "subscriptions": []})

    def one(self, statement: str, *values: Any) -> Any:
        with self.instance.database() as database:
            row = database.execute(statement, values).fetchone()
        return row[0] if row else None

    def state(self, execution_id: str) -> str:
        return str(self.one("SELECT state FROM execution WHERE id = %s", execution_id))

    def running_attempts(self, execution_id: str) -> int:
        return int(
            self.one(
                "SELECT count(*) FROM job WHERE subject_id = %s AND phase = 'started'",
                execution_id,
            )
        )

    def all_ended(self, execution_ids: list[str]) -> bool:
        statement = "SELECT count(*) FROM execution WHERE id = ANY(%s) AND state = 'SUCCESS'"
        return int(self.one(statement, execution_ids)) == len(execution_ids)

    def assert_whole(self) -> None:
        with self.instance.database() as database:
            assert broken(database) == {}


FLOWS = (
    "id: quick\nnamespace: bench\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}",
    "id: slow\nnamespace: bench\ntasks:\n  - {id: b, type: io.kestra.plugin.scripts.shell.Commands, commands: [sleep 3]}",
)


@pytest.fixture(scope="package")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """Leases are short, so that a loss is noticed within seconds."""
    yield from _drill(tmp_path_factory, **QUICK)


@pytest.fixture(scope="package")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    """Everything takes its usual time: what is seen here within two seconds was not mended by a sweep or a poll."""
    yield from _drill(tmp_path_factory)


def _drill(tmp_path_factory: pytest.TempPathFactory, **knobs: str) -> Iterator[Drill]:
    flag = tmp_path_factory.mktemp("crash") / "flag"
    with running_instance(**knobs, CRASHPOINTS_ARMED="by a test", CRASHPOINT=f"committed:{flag}") as instance:
        for source in FLOWS:
            # One that runs already, as for quick work on a single drill, knows them.
            with contextlib.suppress(RuntimeError):
                instance.save(source)
        yield Drill(instance, flag)


class Cluster:
    """A worker group of its own, where nobody works but those that a test hires."""

    def __init__(self, drill: Drill, key: str, folder: Path) -> None:
        self.drill = drill
        self.key = key
        self.hired: list[HandWorker] = []
        self._folder = folder
        drill.make_group(key)

    def save(self, flow_id: str, *tasks: str, head: str = "") -> str:
        """A flow of this group's tasks; each is the inside of a YAML mapping."""
        lines = "".join(f"  - {{{task}, workerGroup: {{key: {self.key}}}}}\n" for task in tasks)
        name = f"{self.key}-{flow_id}"
        self.drill.instance.hang_up()
        self.drill.instance.save(f"id: {name}\nnamespace: bench\n{head}tasks:\n{lines}")
        return name

    def hire(self, token: str | None = None, prefix: Sequence[str] = (), **knobs: str) -> HandWorker:
        """A worker beside the broker, or one that holds requests open when a token of such is given; it has joined."""
        token = token or platform_token(self.drill.instance, self.key)
        folder = self._folder / f"worker-{len(self.hired)}"
        worker = start_worker(self.drill.instance, folder, token, self.key, prefix, **knobs)
        self.hired.append(worker)
        self.drill.wait(worker.has_joined)
        return worker

    def remote_token(self) -> tuple[str, str]:
        self.drill.instance.hang_up()
        return remote_token(self.drill.instance, self.key)

    def close(self) -> None:
        for worker in self.hired:
            worker.kill()


_numbers = itertools.count(1)


@pytest.fixture
def cluster(drill: Drill, tmp_path: Path) -> Iterator[Cluster]:
    yield from _cluster(drill, tmp_path)


@pytest.fixture
def steady_cluster(steady: Drill, tmp_path: Path) -> Iterator[Cluster]:
    yield from _cluster(steady, tmp_path)


def _cluster(drill: Drill, folder: Path) -> Iterator[Cluster]:
    drill.instance.hang_up()
    made = Cluster(drill, f"cluster-{os.getpid()}-{next(_numbers)}", folder)
    yield made
    made.close()


SLEEP = "type: io.kestra.plugin.scripts.shell.Commands, commands: [sleep 60]"
"""Keeps a slot of its worker for a minute."""
LOG = "type: io.kestra.plugin.core.log.Log"
SHELL = "type: io.kestra.plugin.scripts.shell.Commands"
