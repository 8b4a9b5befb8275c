"""What a task is held to; what a host cannot give is refused, and cgroup v2 is used where there is a part of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugins.contracts import PluginError, ScriptCommand
from plugins.runners import cgroups, sandbox
from plugins.runners.cgroups import TaskGroup, own_branch
from plugins.runners.limits import Limits
from workers.runtime.documents import runnable

SHELL = "io.kestra.plugin.scripts.shell.Commands"
PROCESS = "io.kestra.plugin.core.runner.Process"


def run(ctx, script, **runner):
    task = runnable({"id": "t", "type": SHELL, "commands": ["x"], "taskRunner": {"type": PROCESS, **runner}})
    command = ScriptCommand(argv=["/bin/sh", "-c", script], env={}, workdir=ctx.workdir)
    return task.task_runner.run_commands(ctx, command)


def test_each_process_is_limited(ctx):
    asked = {"memory": {"memory": "{{ 256 }}MB"}, "cpu": {"time": "PT5S"}, "fileSize": "1MB"}
    run(ctx, "ulimit -d; ulimit -t; ulimit -f", **asked)
    assert ctx.messages == ["262144", "5", "2048"]


def test_processes_are_limited(ctx):
    run(ctx, "ulimit -u 2>/dev/null || ulimit -p", processes=33)
    assert ctx.messages == ["33"]


def test_a_limit_that_the_host_does_not_allow_is_refused(ctx, monkeypatch):
    monkeypatch.setattr(
        "plugins.runners.limits._line", lambda option, number, name: f"false || {{ echo no {name}; exit 126; }}"
    )
    with pytest.raises(PluginError, match="126"):
        run(ctx, "echo never", fileSize="1MB")
    assert ctx.messages == ["no fileSize"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"memory": {"memory": "much"}}, "`memory.memory`: `much` is not a size"),
        ({"fileSize": "0"}, "`fileSize` must be more than nothing"),
        ({"disk": "{{ 'x' }}"}, "`disk`: `x` is not a size"),
    ],
)
def test_a_limit_that_is_none_is_refused(ctx, asked, told):
    with pytest.raises(PluginError, match=told):
        run(ctx, "echo never", **asked)
    assert ctx.messages == []


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"fileSystem": "PRIVATE"}, "`fileSystem: PRIVATE`: /nowhere/bwrap is not installed"),
        ({"networkMode": "none"}, "`networkMode: none`: /nowhere/bwrap is not installed"),
    ],
)
def test_walls_that_a_host_cannot_put_up_are_refused(ctx, monkeypatch, asked, named):
    monkeypatch.setattr(sandbox, "PROGRAM", "/nowhere/bwrap")
    monkeypatch.setattr(sandbox, "why_not", sandbox.why_not.__wrapped__)
    with pytest.raises(PluginError, match=named) as caught:
        run(ctx, "echo never", **asked)
    assert not caught.value.retryable
    assert ctx.messages == []


def test_a_sandbox_that_does_not_start_says_why(monkeypatch, tmp_path):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sandbox, "PROGRAM", str(program))
    monkeypatch.setattr("plugins.runners.sandbox.identities.privileges", lambda _identity: {})
    assert sandbox.why_not.__wrapped__(private_files=True) == "bwrap: No permissions to create new namespace"


def test_a_share_of_processors_is_refused_without_cgroups(ctx, monkeypatch):
    monkeypatch.setattr(cgroups, "own_branch", lambda: "no cgroup v2 is mounted")
    with pytest.raises(PluginError, match=r"`cpu\.cpus`: no cgroup v2 is mounted"):
        run(ctx, "echo never", cpu={"cpus": 0.5})


@pytest.fixture
def tree(tmp_path) -> Path:
    """A folder that looks as the part of cgroup v2 that a worker was given."""
    branch = tmp_path / "cgroup" / "system.slice" / "worker.service"
    branch.mkdir(parents=True)
    for folder in (tmp_path / "cgroup", branch):
        (folder / "cgroup.controllers").write_text("cpu io memory pids\n")
    (branch / "cgroup.subtree_control").write_text("")
    (branch / "cgroup.procs").write_text("41\n42\n")
    (branch / "cgroup.type").write_text("domain\n")
    return tmp_path / "cgroup"


def branch_of(tree, tmp_path, line="0::/system.slice/worker.service"):
    told = tmp_path / "told"
    told.write_text(f"4:memory:/x\n{line}\n")
    return own_branch((tree,), told)


def test_the_worker_s_own_part_is_found(tree, tmp_path):
    branch = branch_of(tree, tmp_path)
    assert branch == tree / "system.slice/worker.service"
    assert branch_of(tree, tmp_path, "0::/system.slice/worker.service/orrery-worker") == branch


@pytest.mark.parametrize(
    ("controllers", "line", "told"),
    [
        ("hugetlb", "0::/system.slice/worker.service", "no controller for cpu, memory, pids"),
        ("cpu memory pids", "1:name=systemd:/", "the worker has no group"),
        (None, "0::/", "no cgroup v2 is mounted"),
    ],
)
def test_a_part_that_is_of_no_use_says_why(tree, tmp_path, controllers, line, told):
    if controllers is None:
        (tree / "cgroup.controllers").unlink()
    else:
        (tree / "system.slice/worker.service/cgroup.controllers").write_text(controllers)
    assert told in branch_of(tree, tmp_path, line)


def test_limits_are_written_into_a_group_of_the_task(tree, tmp_path):
    branch = branch_of(tree, tmp_path)
    group = TaskGroup(branch, "one", Limits(memory=1 << 20, cpus=0.5, processes=7))
    folder = branch / "task-one"
    written = {file.name: file.read_text() for file in folder.iterdir()}
    assert written == {"memory.max": "1048576", "memory.oom.group": "1", "cpu.max": "50000 100000", "pids.max": "7"}
    assert (branch / "cgroup.subtree_control").read_text() == "+cpu +memory +pids"
    assert (branch / "orrery-worker" / "cgroup.procs").read_text() == "42"
    assert not group.was_out_of_memory()
    (folder / "memory.events").write_text("low 0\noom_kill 1\n")
    assert group.was_out_of_memory()


def test_nobody_is_moved_in_the_root_of_the_tree(tree, tmp_path):
    branch = branch_of(tree, tmp_path)
    (branch / "cgroup.type").unlink()
    TaskGroup(branch, "one", Limits(processes=7))
    assert not (branch / "orrery-worker").exists()


def test_a_command_begins_in_its_group(ctx, monkeypatch, tree, tmp_path):
    branch = branch_of(tree, tmp_path)
    monkeypatch.setattr(cgroups, "own_branch", lambda: branch)
    monkeypatch.setattr(TaskGroup, "remove", lambda self: None)
    run(ctx, "echo $PPID $$; read x || echo no input", cpu={"cpus": 0.5})
    (folder,) = branch.glob("task-*")
    assert (folder / "cgroup.procs").read_text() in ctx.messages[0].split()
    assert ctx.messages[1] == "no input"
