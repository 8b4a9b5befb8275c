"""A worker started by hand knows an address and a token; what it runs knows neither."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import SHELL, Cluster, Drill

pytestmark = pytest.mark.faults

NO_RIGHTS = ("setpriv", "--inh-caps=-all", "--bounding-set=-all", "--")
"""Root without what makes root strong: it may look into other processes of root as any user may into their own."""
FORBIDDEN = (b"postgres", b"redis", b"valkey", b"amqp", b"_URL", b"_KEY", b"SECRET", b"PASSWORD", b"TOKEN")


def secrets_of(drill: Drill) -> list[bytes]:
    """Keys and passwords of the instance, as its files hold them."""
    kept = [path for name in ("keys", "valkey", "postgres") for path in (drill.instance.folder / name).glob("*")]
    texts = [path.read_bytes().strip() for path in kept if path.is_file() and path.stat().st_size < 500]
    return [text for text in texts if len(text) >= 16]


def log_of(drill: Drill, execution_id: str) -> str:
    lines = "SELECT string_agg(message, E'\\n' ORDER BY seq) FROM log_entry WHERE execution_id = %s"
    return str(drill.one(lines, execution_id))


def test_a_worker_started_by_hand_is_told_nothing_of_the_instance_and_runs_a_job(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    token, _ = cluster.remote_token()
    flow = cluster.save("hello", f'id: h, {SHELL}, commands: ["echo hello"]')
    worker = cluster.hire(token, slots="1")
    execution = drill.start(flow)
    drill.wait(lambda: drill.all_ended([execution]), 15)
    assert "hello" in log_of(drill, execution)
    known = Path(f"/proc/{worker.pid}/environ").read_bytes() + Path(f"/proc/{worker.pid}/cmdline").read_bytes()
    told = known.replace(b"--token-file", b"")
    assert not [word for word in FORBIDDEN if word in told]
    assert len(secrets_of(drill)) >= 3
    assert not [text for text in [*secrets_of(drill), token.encode()] if text in known or text.decode() in worker.log]
    drill.assert_whole()


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="needs root, to give up a right of it")
def test_no_process_of_its_own_user_looks_into_a_worker(steady_cluster: Cluster) -> None:
    worker = steady_cluster.hire(steady_cluster.remote_token()[0], prefix=NO_RIGHTS, slots="1")
    control = subprocess.Popen([*NO_RIGHTS, "sleep", "60"])
    try:
        steady_cluster.drill.wait(lambda: may_look_into(control.pid), 5)
        assert not may_look_into(worker.pid)
    finally:
        control.kill()
        control.wait()


def may_look_into(pid: int) -> bool:
    command = [*NO_RIGHTS, "cat", f"/proc/{pid}/environ", f"/proc/{pid}/maps"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a task a user of its own")
def test_a_task_of_a_root_worker_is_another_user_who_finds_every_endpoint_closed(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    token, _ = cluster.remote_token()
    worker = cluster.hire(token, slots="1")
    doors = (
        f"cat {worker.token_file}",
        f"cat /proc/{worker.pid}/environ",
        f"cat /proc/{worker.pid}/maps",
        f"ls /proc/{worker.pid}/fd",
        f"ls {drill.instance.folder}",
        f"cat {drill.instance.folder}/keys/redis_url",
        f"kill -0 {worker.pid}",
    )
    tried = ", ".join(f'"{door} && echo OPEN {number}; true"' for number, door in enumerate(doors))
    flow = cluster.save("try", f'id: t, {SHELL}, commands: ["echo uid $(id -u) $(id -G)", "env", {tried}]')
    execution = drill.start(flow)
    drill.wait(lambda: drill.all_ended([execution]), 20)
    log = log_of(drill, execution)
    assert "OPEN" not in log
    assert log.count("Permission denied") + log.count("not permitted") == len(doors)
    uid = log.split("uid ")[1].split()[0]
    assert 60100 <= int(uid) < 64900
    assert not [text for text in [*secrets_of(drill), token.encode()] if text.decode() in log]
    names = {line.partition("=")[0] for line in log.splitlines() if "=" in line}
    assert not [name for name in names if "ORRERY" in name and name != "ORRERY_TASK"]
    drill.assert_whole()
