"""Commands in containers of a real engine: files in and out, limits, kills, and a worker that dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from control_plane.cli.doctor import _engine
from flows.model.documents.compose import compose
from flows.model.documents.tree import plain
from plugins.contracts import PluginError
from plugins.runners.docker.runner import Docker
from tests.plugins.runners.docker.engines import IMAGE
from tests.plugins.tasks.memory import MemoryContext, run
from workers.runtime.stopping import Why

SHELL = "io.kestra.plugin.scripts.shell.Commands"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"


def in_container(ctx, *commands, runner=None, **properties):
    asked = {"containerImage": IMAGE, "taskRunner": {"type": DOCKER, "pullPolicy": "NEVER", **(runner or {})}}
    return run(ctx, SHELL, commands=list(commands), **{**asked, **properties})


def containers(engine):
    return engine.get("/containers/json", params={"all": "true"}).json()


def on_line(ctx, wanted, act):
    """Do something as soon as a line is logged."""
    written = ctx.log

    def log(level, line):
        written(level, line)
        if line == wanted:
            act()

    ctx.log = log


def test_commands_run_in_an_image_with_files_in_and_out(ctx, engine):
    outputs = in_container(
        ctx,
        "cat given.txt",
        "echo $GREETING >&2",
        "mkdir sub; echo made > sub/made.txt; chmod +x sub/made.txt; echo more > {{ outputFiles['named.txt'] }}",
        'echo \'::{"outputs": {"n": 1}}::\'',
        inputFiles={"given.txt": "given\n"},
        env={"GREETING": "hello"},
        outputFiles=["sub/*", "named.txt"],
    )
    assert sorted(ctx.lines) == [("ERROR", "hello"), ("INFO", "given")]
    assert outputs["vars"] == {"n": 1}
    assert (outputs["exitCode"], outputs["stdOutLineCount"], outputs["stdErrLineCount"]) == (0, 2, 1)
    assert ctx.text(outputs["outputFiles"]["sub/made.txt"]) == "made\n"
    assert ctx.text(outputs["outputFiles"]["named.txt"]) == "more\n"
    assert os.access(ctx.workdir / "sub/made.txt", os.X_OK)
    assert containers(engine) == []


def test_a_command_that_fails_keeps_its_files(ctx, engine):
    with pytest.raises(PluginError, match="exit code 3") as caught:
        in_container(ctx, "echo why > why.txt; exit 3", outputFiles=["*.txt"])
    assert ctx.text(caught.value.outputs["outputFiles"]["why.txt"]) == "why\n"
    assert containers(engine) == []


def test_only_what_the_task_gives_is_in_the_environment(ctx, engine, monkeypatch):
    monkeypatch.setenv("ORRERY_SECRET_KEY", "s3cret")
    in_container(ctx, "env")
    assert {line.partition("=")[0] for line in ctx.messages} <= {
        *("PATH", "HOME", "HOSTNAME", "PWD", "SHLVL", "OLDPWD", "TERM", "container", "TMPDIR", "WORKING_DIR")
    }


def test_a_link_that_a_container_leaves_is_not_followed(ctx, engine):
    in_container(ctx, "ln -s /etc/passwd link.txt; mkdir -p d; ln -s / d/root; echo x > plain.txt", outputFiles=["**"])
    assert [name.rpartition("/")[2] for name in ctx.storage.kept] == ["plain.txt"]
    assert not (ctx.workdir / "link.txt").is_symlink()


def test_an_image_that_is_not_here_is_refused_where_none_may_be_pulled(ctx, engine):
    with pytest.raises(PluginError, match=r"(?i)no such image|image not known"):
        in_container(ctx, "true", containerImage="localhost/nothing:1")


@pytest.mark.parametrize("policy", ["IF_NOT_PRESENT", "ALWAYS"])
def test_an_image_that_cannot_be_pulled_fails_the_task(ctx, engine, policy):
    with pytest.raises(PluginError, match=r"cannot be pulled|refuses"):
        in_container(ctx, "true", containerImage="127.0.0.1:1/nothing:1", runner={"pullPolicy": policy})
    assert containers(engine) == []


def test_an_image_that_is_here_is_not_pulled(ctx, engine):
    in_container(ctx, "echo here", runner={"pullPolicy": "IF_NOT_PRESENT"})
    assert ctx.messages == ["here"]


def test_a_container_gets_what_the_task_asks_for(ctx, engine):
    asked = {
        "cpu": {"cpus": 0.5},
        "memory": {"memory": "{{ 64 }}MB", "memorySwap": "64MB"},
        "shmSize": "4MB",
        "networkMode": "none",
        "extraHosts": ["probe:192.0.2.7"],
        "user": "1234:5678",
        "entryPoint": ["/bin/busybox", "env", "ENTERED=yes"],
        "delete": False,
    }
    in_container(
        ctx, "id -u; id -g; echo $ENTERED; echo x > mine; ls /sys/class/net; grep -c 192.0.2.7 /etc/hosts", runner=asked
    )
    assert ctx.messages == ["1234", "5678", "yes", "lo", "1"]
    (kept,) = containers(engine)
    told = engine.get(f"/containers/{kept['Id']}/json").json()["HostConfig"]
    assert (told["Memory"], told["NanoCpus"], told["ShmSize"]) == (64 << 20, 500_000_000, 4 << 20)
    assert not told["Privileged"]


def test_a_container_that_runs_out_of_memory_says_so(ctx, engine):
    # Podman does not say why a container was killed where cgroup v1 counts its memory.
    with pytest.raises(PluginError, match=r"more memory than its limit|exit code 137"):
        in_container(
            ctx,
            "dd if=/dev/zero of=/dev/null bs=200M count=1",
            runner={"memory": {"memory": "16MB", "memorySwap": "16MB"}},
            failFast=True,
        )


def test_a_kill_ends_the_container(ctx, engine):
    on_line(ctx, "ready", ctx.kill)
    with pytest.raises(PluginError, match="killed"):
        in_container(ctx, "echo ready; sleep 60")
    assert containers(engine) == []


def test_it_may_end_in_good_order_where_there_is_a_grace(ctx, engine):
    on_line(ctx, "ready", ctx.kill)
    with pytest.raises(PluginError, match="killed"):
        in_container(
            ctx, "trap 'echo asked; exit 0' TERM; echo ready; sleep 60 & wait", runner={"killGracePeriod": "PT20S"}
        )
    assert ctx.messages == ["ready", "asked"]


def test_time_runs_out(ctx, engine):
    ctx.deadline = datetime.now(UTC) + timedelta(seconds=2)
    with pytest.raises(PluginError, match="ran out of time"):
        in_container(ctx, "echo begun; sleep 60")
    assert ctx.messages == ["begun"]
    assert containers(engine) == []


def test_a_kept_container_is_not_taken_for_that_of_a_retry(ctx, engine):
    for _ in range(2):
        with pytest.raises(PluginError, match="exit code 1"):
            in_container(ctx, "echo ran; exit 1", runner={"delete": False})
    assert ctx.messages == ["ran", "ran"]
    assert len(containers(engine)) == 2


def test_a_task_that_does_not_wait_leaves_its_container_running(ctx, engine):
    in_container(ctx, "sleep 60", runner={"wait": False})
    (left,) = containers(engine)
    assert (left["State"], left["Labels"]["orrery.job"]) == ("running", "main:execution:run")


def test_files_may_be_shared_instead_of_copied(ctx, engine):
    in_container(ctx, "echo made > made.txt", runner={"fileHandlingStrategy": "MOUNT"}, outputFiles=["made.txt"])
    assert (ctx.workdir / "made.txt").read_text() == "made\n"


def test_a_folder_of_the_machine_must_be_one_that_flows_may_reach(ctx, engine):
    shared = ctx.workdir.parent / "shared"
    shared.mkdir()
    (shared / "file").write_text("shared\n")
    (shared / "out").symlink_to("/etc")
    in_container(ctx, "cat /data/file", runner={"volumes": [f"{shared}:/data:ro"]})
    assert ctx.messages == ["shared"]
    for refused in ("/:/host", "/var/run/docker.sock:/s", f"{shared}/../x:/data", f"{shared}/out:/data"):
        with pytest.raises(PluginError, match="not authorized"):
            in_container(ctx, "true", runner={"volumes": [refused]})
    assert containers(engine) == []


def test_another_worker_goes_on_with_what_one_has_handed_on(ctx, engine):
    shared = ctx.workdir.parent / "shared"
    shared.mkdir()
    on_line(ctx, "begun", lambda: ctx.stop.turn(Why.DRAINED))
    with pytest.raises(PluginError):
        in_container(
            ctx,
            "echo begun; while ! test -e /shared/go; do sleep 0.1; done; echo done > end.txt",
            runner={"volumes": [f"{shared}:/shared"]},
        )
    (left,) = containers(engine)
    assert left["State"] == "running"
    other = MemoryContext(ctx.workdir.parent / "other")
    other.workdir.mkdir()
    on_line(other, "begun", (shared / "go").touch)
    outputs = in_container(other, "echo never", outputFiles=["*.txt"])
    assert other.messages[1:] == ["begun"]
    assert "is there already" in other.messages[0]
    assert other.text(outputs["outputFiles"]["end.txt"]) == "done\n"
    assert containers(engine) == []


@pytest.mark.nightly
def test_a_container_is_found_again_when_its_worker_was_killed(ctx, engine, host):
    script = (
        "import sys, pathlib\n"
        "from tests.plugins.tasks.memory import MemoryContext, run\n"
        "ctx = MemoryContext(pathlib.Path(sys.argv[1]))\n"
        "ctx.log = lambda level, line: print(line, flush=True)\n"
        "import json\n"
        "run(ctx, **json.loads(sys.argv[2]))\n"
    )
    commands = ["echo begun >> count; cat count; sleep 3; echo end; echo last > last.txt"]
    runner = {"type": DOCKER, "pullPolicy": "NEVER"}
    task = {"type_name": SHELL, "containerImage": IMAGE, "commands": commands, "taskRunner": runner}
    root = Path(__file__).parents[4]
    command = [sys.executable, "-c", script, str(ctx.workdir), json.dumps(task)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, env={**os.environ, "DOCKER_HOST": host}) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"begun\n"
        worker.send_signal(signal.SIGKILL)
    outputs = in_container(ctx, *commands, outputFiles=["last.txt", "count"])
    assert ctx.messages[1:] == ["begun", "end"]
    assert ctx.text(outputs["outputFiles"]["count"]) == "begun\n"
    assert containers(engine) == []


def test_what_is_left_is_replaced_where_a_task_does_not_resume(ctx, engine):
    in_container(ctx, "echo old; sleep 60", runner={"wait": False})
    in_container(ctx, "echo new", runner={"resume": False})
    assert ctx.messages == ["new"]


def test_its_example_runs_to_its_end(ctx, engine):
    engine.post(f"/images/{IMAGE}/tag", params={"repo": "docker.io/library/ubuntu", "tag": "latest"}).raise_for_status()
    (task,) = plain(compose(Docker.EXAMPLES[0]))["tasks"]
    run(ctx, task["type"], **{name: value for name, value in task.items() if name not in ("id", "type")})
    assert ctx.messages == ["Hello from Linux"]


def test_doctor_says_which_engine_is_here(engine, host):
    name, version = engine.get("/version").json()["Components"][0]["Name"], engine.get("/version").json()["Version"]
    assert _engine() == f"{name} {version} at {host}"


def test_whoever_names_an_image_means_a_container(ctx, engine):
    run(ctx, SHELL, commands=["test -x /bin/busybox && echo inside"], containerImage=IMAGE)
    assert ctx.messages == ["inside"]


def test_flows_of_old_name_their_runner_and_image_in_another_way(ctx, engine):
    run(ctx, SHELL, commands=["test -x /bin/busybox && echo inside"], runner="DOCKER", docker={"image": IMAGE})
    assert ctx.messages == ["inside"]
