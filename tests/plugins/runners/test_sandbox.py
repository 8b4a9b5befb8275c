"""What hostile scripts try from inside a sandboxed job: each probe is refused or contained, and the host stays well."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plugins.contracts import PluginError
from plugins.runners import sandbox
from tests.plugins.reachable import reachable_folder
from tests.plugins.runners.probes import PROBES, laid_out, told, tries
from tests.plugins.tasks.memory import MemoryContext, run

SHELL = "io.kestra.plugin.scripts.shell.Commands"
SANDBOX = {"type": "io.kestra.plugin.core.runner.Process", "fileSystem": "PRIVATE", "networkMode": "none"}
WHY_NOT = sandbox.why_not(private_files=True) or sandbox.why_not(no_network=True)
pytestmark = [
    pytest.mark.skipif(WHY_NOT is not None, reason=f"no sandbox here: {WHY_NOT}"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the probes call the kernel by the numbers of x86_64"),
]
DOC = Path(__file__).parents[3] / "docs" / "isolation.md"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def bait(folder: Path) -> Iterator[dict[str, str]]:
    with laid_out(folder) as bait:
        yield bait


def in_a_job(folder: Path, *commands: str, **properties: object) -> MemoryContext:
    workdir = folder / f"job-{os.urandom(4).hex()}"
    workdir.mkdir()
    ctx = MemoryContext(workdir)
    ctx.deadline = datetime.now(UTC) + timedelta(seconds=60)
    runner = {**SANDBOX, **properties.pop("runner", {})}  # type: ignore[dict-item]  # a map of properties
    run(ctx, SHELL, commands=list(commands), failFast=False, taskRunner=runner, **properties)
    return ctx


@pytest.fixture(scope="module")
def leaks(folder: Path, bait: dict[str, str]) -> list[str]:
    """The probes that came through: all are run in one job, one after the other."""
    ctx = in_a_job(folder, *tries(), env=bait)
    assert told(ctx.messages, "tried") == list(PROBES)
    return told(ctx.messages, "leak")


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_is_refused(leaks, name):
    assert name not in leaks


def test_the_same_probes_come_through_where_there_are_no_walls(folder, bait):
    """What shows that a probe would tell: without walls these are open to every task."""
    open_to_all = [
        "read-open-file", "see-processes", "shared-tmp", "shared-memory-files", "service-of-the-host", "socket-files",
        "abstract-sockets", "syscall-filter", "new-user-namespace", "session-keys", "link-out",
    ]  # fmt: skip
    lines = [f"( {PROBES[name]} ) 2>/dev/null | grep -q LEAK && echo {name}" for name in open_to_all]
    walls = {"fileSystem": "SHARED", "networkMode": "host"}
    assert set(in_a_job(folder, *lines, "true", env=bait, runner=walls).messages) == set(open_to_all)


def test_a_job_does_its_work_inside(folder):
    ctx = in_a_job(folder, "echo in > out.txt; echo $HOME; mktemp >/dev/null && echo temporary", outputFiles=["*.txt"])
    assert ctx.messages == [str(ctx.workdir), "temporary"]
    assert (ctx.workdir / "out.txt").read_text() == "in\n"
    assert [name.rpartition("/")[2] for name in ctx.storage.kept] == ["out.txt"]


def test_its_own_loopback_works(folder):
    code = (
        "import socket;s=socket.create_server(('127.0.0.1',0));socket.create_connection(s.getsockname());print('heard')"
    )
    assert in_a_job(folder, f'python3 -c "{code}"').messages == ["heard"]


def test_it_is_asked_to_end_before_it_is_killed(folder, monkeypatch):
    monkeypatch.setattr("plugins.runners.process_run.GRACE_SECONDS", 20)
    workdir = folder / "asked"
    workdir.mkdir()
    ctx = MemoryContext(workdir)
    written, ctx.log = ctx.log, lambda level, line: (written(level, line), line == "ready" and ctx.kill())
    with pytest.raises(PluginError, match="killed"):
        run(ctx, SHELL, commands=["trap 'echo asked; exit 0' TERM; echo ready; sleep 60 & wait"], taskRunner=SANDBOX)
    assert ctx.messages == ["ready", "asked"]


CONTAINED = {
    "fill-memory": ('python3 -c "x = bytearray(400 << 20)"', {"memory": {"memory": "100MB"}}, "exit code|memory"),
    "fill-memory-together": (
        "for n in 1 2 3 4; do python3 -c \"import time; x = b'x' * (60 << 20); time.sleep(60)\" & done; wait",
        {"memory": {"memory": "150MB"}},
        "more memory|exit code",
    ),
    "fork-bomb": ("f() { f | f & f; }; f; exit 7", {"processes": 20}, "exit code"),
    "large-file": ("head -c 20000000 /dev/zero > large", {"fileSize": "1MB"}, "exit code"),
    "fill-disk": ("while :; do head -c 1000000 /dev/zero > $((n=n+1)); done", {"disk": "20MB"}, "working directory"),
    "fill-inodes": ("mkdir d; cd d; while :; do : > $((n=n+1)); done", {"disk": "200KB"}, "working directory"),
    "fill-temporary": ("head -c 20000000 /dev/zero > /tmp/x", {"temporarySpace": "1MB"}, "exit code"),
    "fill-shared-memory": ("head -c 20000000 /dev/zero > /dev/shm/x", {"temporarySpace": "1MB"}, "exit code"),
    "burn-processor": ("while :; do :; done", {"cpu": {"time": "PT1S"}}, "exit code"),
}


@pytest.mark.parametrize("name", CONTAINED)
def test_what_a_probe_takes_is_limited(folder, name):
    script, asked, told = CONTAINED[name]
    with pytest.raises(PluginError, match=told):
        in_a_job(folder, script, runner=asked)


def test_what_it_leaves_behind_is_gone(folder):
    mark = f"orrery-left-{os.urandom(4).hex()}"
    in_a_job(folder, f"(setsid setsid sh -c 'sleep 61; : {mark}' &); echo x > /tmp/{mark}; echo x > /dev/shm/{mark}")
    assert not any(Path(place, mark).exists() for place in ("/tmp", "/dev/shm"))
    assert mark not in "".join(_command_line(pid) for pid in os.listdir("/proc") if pid.isdigit())


def _command_line(pid: str) -> str:
    try:
        return Path("/proc", pid, "cmdline").read_text(errors="replace")
    except OSError:
        return ""


def test_every_probe_stands_in_the_documentation():
    rows = {line.split("|")[1].strip().strip("`") for line in DOC.read_text().splitlines() if line.startswith("| `")}
    assert {*PROBES, *CONTAINED, "leave-something-behind"} - rows == set()
    assert len(PROBES) + len(CONTAINED) >= 60
