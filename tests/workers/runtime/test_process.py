"""The worker as a real process: what it hides, how signals end it, and what dies with it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from control_plane.kernel.config import Config
from tests.workers.runtime.control_plane import job
from workers.runtime import process

ROOT = Path(__file__).resolve().parents[3]
SHELL = "io.kestra.plugin.scripts.shell.Commands"
MAIN = """
import ctypes, json, sys
from control_plane.kernel.config import Config
from workers.runtime import process, worker

original = worker.Worker.run
def run(self):
    print(json.dumps({"dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), "django": "django.db" in sys.modules or "django.apps" in sys.modules}), flush=True)
    original(self)
worker.Worker.run = run
token = sys.stdin.readline().strip()
sys.exit(process.run_worker(server=sys.argv[1], token=token, knobs=Config(worker={"slots": 2, "drain_seconds": 20})))
"""


@pytest.fixture
def launch(plane, tmp_path) -> Iterator[Callable[[], subprocess.Popen]]:
    started = []

    def begin() -> subprocess.Popen:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
        launched = subprocess.Popen(
            [sys.executable, "-c", MAIN, plane.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=tmp_path,
        )
        launched.stdin.write("the-token\n")
        launched.stdin.close()
        started.append(launched)
        return launched

    yield begin
    for each in started:
        each.kill()
        each.wait()
        each.stdout.close()


PATIENCE = 60.0
"""Seconds that a process may take to start, or to end, on a machine that does other things."""


def until(holds, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_it_is_closed_to_others_and_free_of_django(plane, launch):
    worker = launch()
    assert json.loads(worker.stdout.readline()) == {"dumpable": 0, "django": False}
    plane.until(lambda: plane.count("register") == 1, PATIENCE)


def test_the_first_signal_drains(plane, launch):
    plane.offer(job("one", {"id": "s", "type": SHELL, "commands": ["echo up", "sleep 1"]}))
    worker = launch()
    plane.until(lambda: plane.messages("one") == ["up"], PATIENCE)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert plane.ends["one"].end.state == "SUCCESS"
    assert plane.said_goodbye


def test_the_second_signal_hands_back_what_runs(plane, launch):
    plane.offer(job("one", {"id": "s", "type": SHELL, "commands": ["echo up", "sleep 60"]}))
    worker = launch()
    plane.until(lambda: plane.messages("one") == ["up"], PATIENCE)
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert plane.begun == ["one"]
    assert "one" not in plane.ends


def test_what_its_tasks_started_dies_with_a_killed_worker(plane, launch):
    commands = ["echo pid $$", "setsid sh -c 'echo pid $$; sleep 60' &", "sleep 60"]
    plane.offer(job("one", {"id": "s", "type": SHELL, "commands": commands}))
    worker = launch()
    plane.until(lambda: len(plane.messages("one")) == 2, PATIENCE)
    pids = [int(line.split()[1]) for line in plane.messages("one")]
    assert all(Path(f"/proc/{pid}").exists() for pid in pids)
    worker.kill()
    worker.wait()
    until(lambda: not any(is_running(pid) for pid in pids))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def quiet(monkeypatch) -> Iterator[list[str]]:
    """`run_worker` in this process, without what would change it for good; says what it would have done."""
    done: list[str] = []
    monkeypatch.setattr(process, "close_to_others", lambda: done.append("closed"))
    monkeypatch.setattr(process, "adopt_orphans", lambda: done.append("adopts"))
    monkeypatch.setattr(process.watchdog, "start", lambda: done.append("watched"))
    monkeypatch.setattr(process.watchdog, "close", lambda: done.append("unwatched"))
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield done
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_signal_ends_a_worker_in_good_order(plane, quiet):
    def drain_soon() -> None:
        plane.until(lambda: plane.count("claim") > 0, PATIENCE)
        os.kill(os.getpid(), signal.SIGTERM)

    waiting = threading.Thread(target=drain_soon)
    waiting.start()
    assert process.run_worker(server=plane.url, token="t", knobs=Config(worker={"slots": 1})) == 0
    waiting.join()
    assert quiet == ["closed", "adopts", "watched", "unwatched"]
    assert plane.said_goodbye


def test_a_worker_that_is_refused_at_the_endpoint_ends_with_an_error(plane, quiet, caplog):
    plane.refused = lambda path: 401 if path == "register" else 0
    assert process.run_worker(server=plane.url, token="t", knobs=Config()) == 1
    assert "the worker ended: not any more" in caplog.text
    assert quiet[-1] == "unwatched"


def test_the_third_signal_waits_for_nobody(monkeypatch, quiet):
    told: list[str] = []
    worker = SimpleNamespace(drain=lambda: told.append("drain"), abandon=lambda: told.append("abandon"))
    monkeypatch.setattr(process.os, "_exit", lambda code: told.append(f"exit {code}"))
    process.obey_signals(worker)
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGINT)
    until(lambda: len(told) == 3)
    assert told == ["drain", "abandon", "exit 1"]
