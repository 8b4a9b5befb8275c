"""Workers that die, drain or are told to kill while a real engine runs their task in a container."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.by_hand import HandWorker
from tests.faults.conftest import SHELL, Cluster, Drill
from tests.plugins.runners.docker import engines

pytestmark = [pytest.mark.faults, pytest.mark.nightly]


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="engine-", dir="/var/tmp"))
    with engines.docker(folder) as address:
        yield address
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder of the machine that flows may reach: what a container writes into it is seen by the test."""
    folder = Path(tempfile.mkdtemp(prefix="orrery-shared-"))
    yield folder
    shutil.rmtree(folder)


def save(cluster: Cluster, shared: Path) -> str:
    """A task that tells when it runs, waits for a sign, and leaves a file."""
    script = "echo run >> /shared/runs; while ! test -e /shared/go; do sleep 0.1; done; echo made > made.txt"
    runner = (
        f"{{type: io.kestra.plugin.scripts.runner.docker.Docker, pullPolicy: NEVER, volumes: ['{shared}:/shared']}}"
    )
    files = f"containerImage: '{engines.IMAGE}', outputFiles: [made.txt]"
    return cluster.save("contained", f"id: c, {SHELL}, {files}, taskRunner: {runner}, commands: ['{script}']")


def hire(cluster: Cluster, host: str, shared: Path) -> HandWorker:
    return cluster.hire(prefix=["env", f"DOCKER_HOST={host}"], slots="1", drain_seconds="1", local_paths=str(shared))


def runs(shared: Path) -> int:
    told = shared / "runs"
    return len(told.read_text().splitlines()) if told.exists() else 0


def containers(host: str) -> int:
    with engines.client(host) as engine:
        return len(engine.get("/containers/json", params={"all": "true"}).json())


def attempts(drill: Drill, execution_id: str) -> int:
    return int(drill.one("SELECT max(attempt) FROM job WHERE subject_id = %s", execution_id) or 0)


@pytest.mark.parametrize("how", ["kill", "drain"])
def test_a_task_in_a_container_runs_once_though_its_worker_goes(
    cluster: Cluster, host: str, shared: Path, how: str
) -> None:
    drill = cluster.drill
    flow = save(cluster, shared)
    first = hire(cluster, host, shared)
    execution = drill.start(flow)
    drill.wait(lambda: runs(shared) == 1)
    if how == "kill":
        first.kill()
    else:
        assert first.stop() == 0
    assert containers(host) == 1
    hire(cluster, host, shared)
    told = "SELECT count(*) FROM log_entry WHERE execution_id = %s AND message LIKE '%%is there already%%'"
    drill.wait(lambda: drill.one(told, execution))
    (shared / "go").touch()
    drill.wait(lambda: drill.state(execution) == "SUCCESS")
    assert runs(shared) == 1
    assert containers(host) == 0
    drill.assert_whole()


def test_an_execution_that_is_killed_ends_its_container(cluster: Cluster, host: str, shared: Path) -> None:
    drill = cluster.drill
    flow = save(cluster, shared)
    hire(cluster, host, shared)
    execution = drill.start(flow)
    drill.wait(lambda: runs(shared) == 1)
    drill.kill(execution)
    drill.wait(lambda: drill.state(execution) == "KILLED", 10)
    drill.wait(lambda: containers(host) == 0, 10)
    drill.assert_whole()
