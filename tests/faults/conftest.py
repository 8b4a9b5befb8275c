"""One whole instance for the drills of this folder, with short leases."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.bench.instance import TENANT, Instance, running_instance
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

    def start_if_it_can(self, flow_id: str) -> str | None:
        """The id of an accepted start; None when the API did not say yes."""
        try:
            return self.start(flow_id)
        except Exception:
            self.instance.hang_up()
            return None

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


@pytest.fixture(scope="package")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drill]:
    flag = tmp_path_factory.mktemp("crash") / "flag"
    with running_instance(**QUICK, CRASHPOINTS_ARMED="by a test", CRASHPOINT=f"committed:{flag}") as instance:
        instance.save(
            "id: quick\nnamespace: bench\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}"
        )
        instance.save(
            "id: slow\nnamespace: bench\ntasks:\n  - {id: b, type: io.kestra.plugin.core.flow.Sleep, duration: PT3S}"
        )
        yield Drill(instance, flag)
