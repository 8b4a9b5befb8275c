"""Orders reach a worker within a second, also right after the web process has died with everybody's connections."""

from __future__ import annotations

import contextlib
import json
import signal
import statistics
import time
from collections.abc import Iterator

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.bench.instance import TENANT
from tests.faults.conftest import SLEEP, Cluster, Drill

pytestmark = pytest.mark.faults

WATCHERS = 20
SOON = 1.0
"""Seconds: a heartbeat, which repeats what was missed, comes every five."""


@contextlib.contextmanager
def watching(drill: Drill, execution_id: str, count: int) -> Iterator[list[ClientConnection]]:
    """So many browsers that watch an execution, each of which has heard its state."""
    with contextlib.ExitStack() as all_of_them:
        yield [all_of_them.enter_context(_watcher(drill, execution_id)) for _ in range(count)]


@contextlib.contextmanager
def _watcher(drill: Drill, execution_id: str) -> Iterator[ClientConnection]:
    headers = {"Authorization": f"Bearer {drill.instance.token}"}
    url = f"ws://127.0.0.1:{drill.instance.port}/api/v1/{TENANT}/live"
    with connect(url, additional_headers=headers, compression=None) as socket:
        asked = {"type": "subscribe", "id": "1", "topic": "execution", "executionId": execution_id}
        socket.send(json.dumps(asked))
        while execution_id not in str(socket.recv(10)):
            continue
        yield socket


def seconds_to_die(drill: Drill, execution_id: str) -> float:
    """From the answer to whoever kills an execution to its end, which its worker has told."""
    drill.kill(execution_id)
    answered = time.monotonic()
    drill.wait(lambda: drill.state(execution_id) == "KILLED", 10)
    return time.monotonic() - answered


def test_a_kill_reaches_a_worker_within_a_second(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    flow = cluster.save("long", f"id: s, {SLEEP}")
    for token in (None, cluster.remote_token()[0]):
        worker = cluster.hire(token, slots="4")
        running = drill.start_many(flow, 4)
        drill.wait(lambda ids=running: all(drill.running_attempts(each) for each in ids))
        taken = [seconds_to_die(drill, each) for each in running]
        assert statistics.median(taken) < SOON, taken
        assert worker.stop() == 0
    drill.assert_whole()


def test_a_web_process_that_dies_with_watchers_and_long_polls_is_found_again(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    flow = cluster.save("long", f"id: s, {SLEEP}")
    workers = [cluster.hire(slots="2"), cluster.hire(cluster.remote_token()[0], slots="2")]
    running = drill.start_many(flow, 4)
    drill.wait(lambda: all(drill.running_attempts(each) for each in running))
    with watching(drill, running[0], WATCHERS) as sockets:
        web = drill.process("web")
        web.send_signal(signal.SIGKILL)
        drill.wait(lambda: drill.process("web").pid != web.pid)
        for socket in sockets:
            with pytest.raises(WebSocketException):
                while True:
                    socket.recv(10)
    drill.wait(lambda: drill.start_if_it_can("quick"), 30)
    taken = [seconds_to_die(drill, each) for each in running]
    assert statistics.median(taken) < SOON, taken
    with watching(drill, running[0], WATCHERS) as sockets:
        assert len(sockets) == WATCHERS
    attempts = "SELECT max(jsonb_array_length(attempts)) FROM task_run WHERE execution_id = ANY(%s)"
    assert drill.one(attempts, running) == 1
    assert [worker.stop() for worker in workers] == [0, 0]
    drill.assert_whole()
