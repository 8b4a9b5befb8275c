"""A real worker of a real instance keeps the processes of a flow apart."""

from __future__ import annotations

import json

import pytest

from plugins.runners import sandbox
from tests.faults.conftest import Cluster, Drill
from tests.plugins.reachable import reachable_folder
from tests.plugins.runners.probes import PROBES, laid_out, told, tries

WHY_NOT = sandbox.why_not(private_files=True) or sandbox.why_not(no_network=True)
pytestmark = [
    pytest.mark.faults,
    pytest.mark.nightly,
    pytest.mark.skipif(WHY_NOT is not None, reason=f"no sandbox here: {WHY_NOT}"),
]


def save(cluster: Cluster, *commands: str, **properties: object) -> str:
    runner = {"type": "io.kestra.plugin.core.runner.Process", "fileSystem": "PRIVATE", "networkMode": "none"}
    task = {"id": "s", "type": "io.kestra.plugin.scripts.shell.Commands", "commands": commands, "taskRunner": runner}
    return cluster.save("sandboxed", json.dumps({**task, **properties})[1:-1])


def messages(drill: Drill, execution_id: str) -> list[str]:
    with drill.instance.database() as database:
        asked = "SELECT message FROM log_entry WHERE execution_id = %s ORDER BY seq"
        return [message for (message,) in database.execute(asked, (execution_id,))]


def test_no_probe_of_a_flow_comes_through(cluster: Cluster) -> None:
    drill = cluster.drill
    with reachable_folder() as folder, laid_out(folder) as bait:
        flow = save(cluster, *tries(), env=bait, failFast=False)
        worker = cluster.hire(slots="1")
        execution = drill.start(flow)
        drill.wait(lambda: drill.state(execution) in ("SUCCESS", "FAILED"))
    lines = messages(drill, execution)
    assert told(lines, "tried") == list(PROBES)
    assert told(lines, "leak") == []
    assert worker.process.poll() is None
    drill.assert_whole()


def test_an_execution_that_is_killed_ends_what_its_sandbox_holds(cluster: Cluster) -> None:
    drill = cluster.drill
    flow = save(cluster, "echo ready; (setsid sleep 600 &); sleep 600")
    cluster.hire(slots="1")
    execution = drill.start(flow)
    drill.wait(lambda: "ready" in messages(drill, execution))
    drill.kill(execution)
    drill.wait(lambda: drill.state(execution) == "KILLED", 10)
    drill.assert_whole()
