"""A whole instance on this machine, started, killed and started again as a person would."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from control_plane.embedded.leftovers import is_alive
from control_plane.embedded.ports import free_port

pytestmark = pytest.mark.faults


class Instance:
    """`orrery up` over one data folder, its output read as it comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.lines: list[str] = []
        self._heard = threading.Condition()

    def start(self) -> None:
        self.lines.clear()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("ORRERY_")}
        told = {"ORRERY_DATA_DIR": str(self.folder), "ORRERY_WEB_PORT": str(self.port), "ORRERY_CONFIG": os.devnull}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "control_plane.cli.main", "up"],
            env=kept | told,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.hear(r"ready: http://localhost:\d+/ui/")

    def hear(self, pattern: str) -> None:
        with self._heard:
            said = self._heard.wait_for(lambda: any(re.search(pattern, line) for line in self.lines), timeout=90)
        assert said, "".join(self.lines)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self._ended()

    def kill(self) -> None:
        self.process.kill()
        self._ended()

    def status(self) -> int:
        with urlopen(f"http://127.0.0.1:{self.port}/health", timeout=10) as answer:
            return int(answer.status)

    def children(self) -> set[int]:
        """Every process whose arguments or environment name our data folder."""
        return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._is_ours(entry)}

    def _is_ours(self, entry: Path) -> bool:
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            return False
        return str(self.folder).encode() in text and int(entry.name) not in (os.getpid(), self.process.pid)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._heard:
                self.lines.append(line)
                self._heard.notify_all()

    def _ended(self) -> int:
        code = self.process.wait(60)
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def instance(tmp_path) -> Iterator[Instance]:
    made = Instance(tmp_path / "var")
    yield made
    if made.process.poll() is None:
        made.stop()
    for pid in made.children():
        os.kill(pid, signal.SIGKILL)


def test_ctrl_c_stops_everything_and_the_next_start_finds_it_again(instance):
    instance.start()
    assert instance.status() == 200
    assert stat.S_IMODE(instance.folder.stat().st_mode) == 0o700
    assert instance.stop() == 0
    assert instance.children() == set()
    instance.start()
    assert instance.status() == 200
    assert not any("Applying" in line for line in instance.lines)


def test_stopping_is_no_error(instance):
    instance.start()
    started = len(instance.lines)
    assert instance.stop() == 0
    told = "".join(instance.lines[started:])
    assert told
    assert not re.search("ERROR|Traceback|Cancelled", told), told


def test_a_killed_supervisor_leaves_nothing_that_the_next_start_does_not_end(instance):
    instance.start()
    left = instance.children()
    instance.kill()
    instance.start()
    assert instance.status() == 200
    survivors = {pid for pid in left if is_alive(pid)}
    assert survivors == set()


def test_a_second_instance_over_the_same_data_is_refused(instance):
    instance.start()
    second = subprocess.run(
        [sys.executable, "-m", "control_plane.cli.main", "up"],
        env=os.environ | {"ORRERY_DATA_DIR": str(instance.folder), "ORRERY_CONFIG": os.devnull},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert f"as process {instance.process.pid}" in second.stderr
    assert instance.status() == 200


def test_two_instances_run_side_by_side(instance, tmp_path):
    other = Instance(tmp_path / "other")
    instance.start()
    other.start()
    try:
        assert (instance.status(), other.status()) == (200, 200)
    finally:
        other.stop()
