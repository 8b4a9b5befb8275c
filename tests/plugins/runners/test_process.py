"""Commands run in a directory of their own, and everything they start ends with them."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from plugins.contracts import PluginError, ScriptCommand
from plugins.runners import identities, leftovers
from plugins.runners.process import Process


def run(ctx, script: str, **over):
    command = ScriptCommand(argv=["/bin/sh", "-c", script], env=over.pop("env", {}), workdir=ctx.workdir, **over)
    return Process(type=Process.TYPE).run_commands(ctx, command)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_lines_are_logged_in_order_and_counted(ctx, workdir):
    result = run(ctx, "echo one; echo two; printf three")
    assert ctx.lines == [("INFO", "one"), ("INFO", "two"), ("INFO", "three")]
    assert (result.exit_code, result.stdout_lines, result.stderr_lines) == (0, 3, 0)


def test_error_output_is_logged_as_errors(ctx, workdir):
    result = run(ctx, "echo oops >&2")
    assert ctx.lines == [("ERROR", "oops")]
    assert result.stderr_lines == 1


def test_a_failing_command_says_its_exit_code(ctx, workdir):
    with pytest.raises(PluginError, match="exit code 3") as caught:
        run(ctx, "exit 3")
    assert caught.value.outputs["exitCode"] == 3


def test_a_command_ended_by_a_signal_fails(ctx, workdir):
    with pytest.raises(PluginError, match="exit code 137"):
        run(ctx, "kill -9 $$")


def test_a_program_that_is_missing_fails(ctx, workdir):
    command = ScriptCommand(argv=["no-such-program"], env={}, workdir=ctx.workdir)
    with pytest.raises(PluginError, match="127"):
        Process(type=Process.TYPE).run_commands(ctx, command)


def test_messages_become_outputs_metrics_and_logs(ctx, workdir):
    result = run(
        ctx,
        """
        echo '::{"outputs":{"a":1,"b":"x}::y"}}::'
        echo 'before ::{"outputs":{"c":true}}:: after'
        echo '::{"metrics":[{"name":"n","type":"counter","value":20,"tags":{"k":"v"}},{"name":"t","type":"timer","value":1.5}]}::'
        echo '::{"logs":[{"level":"WARN","message":"careful"}]}::'
        echo '::{"outputs":{"broken":}::'
        """,
    )
    assert result.vars == {"a": 1, "b": "x}::y", "c": True}
    assert ctx.metrics == [("counter", "n", 20, {"k": "v"}), ("timer", "t", 1.5, {})]
    assert ctx.lines == [("WARN", "careful"), ("INFO", '::{"outputs":{"broken":}::')]


def test_the_environment_is_clean(ctx, workdir, monkeypatch):
    monkeypatch.setenv("ORRERY_SECRET_KEY", "s3cret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    run(ctx, "env", env={"GIVEN": "yes"})
    names = {message.partition("=")[0] for message in ctx.messages}
    assert "s3cret" not in " ".join(ctx.messages)
    assert names <= {"GIVEN", "PATH", "HOME", "LANG", "PWD", "WORKING_DIR", "ORRERY_TASK", "_", "OLDPWD", "SHLVL"}


def test_the_working_directory_is_where_it_runs(ctx, workdir):
    run(ctx, "pwd; echo $HOME; echo hello > made.txt")
    assert ctx.messages == [str(workdir)] * 2
    assert (workdir / "made.txt").read_text() == "hello\n"


def test_standard_input_is_empty(ctx, workdir):
    run(ctx, "cat; echo end")
    assert ctx.messages == ["end"]


def test_time_runs_out(ctx, workdir):
    begun = time.monotonic()
    with pytest.raises(PluginError, match="time"):
        run(ctx, "echo begun; sleep 60", timeout=timedelta(seconds=0.3))
    assert ctx.messages == ["begun"]
    assert time.monotonic() - begun < 4


def test_a_command_that_ignores_the_request_to_end_is_killed(ctx, workdir, monkeypatch):
    monkeypatch.setattr("plugins.runners.process_run.GRACE_SECONDS", 0.2)
    with pytest.raises(PluginError, match="time"):
        run(ctx, "trap '' TERM; echo begun; sleep 60 & wait; sleep 60", timeout=timedelta(seconds=0.2))


def test_a_kill_ends_grandchildren_that_left_their_session(ctx, workdir, monkeypatch):
    monkeypatch.setattr("plugins.runners.process_run.GRACE_SECONDS", 0.2)
    script = """
    setsid sh -c 'echo pid $$; trap "" TERM; sleep 60' &
    (setsid setsid sh -c 'echo pid $$; sleep 60' &)
    echo ready; sleep 60
    """
    original = ctx.log

    def log(level, message):
        original(level, message)
        if len([line for line in ctx.messages if line.startswith("pid")]) == 2 and "ready" in ctx.messages:
            ctx.kill()

    ctx.log = log
    with pytest.raises(PluginError, match="killed"):
        run(ctx, script)
    pids = [int(line.split()[1]) for line in ctx.messages if line.startswith("pid")]
    assert len(pids) == 2
    assert not any(is_running(pid) for pid in pids)


def test_what_a_command_leaves_behind_ends_with_it(ctx, workdir):
    begun = time.monotonic()
    result = run(ctx, "setsid sleep 60 & echo pid $!; sleep 60 & exit 0")
    assert result.exit_code == 0
    assert time.monotonic() - begun < 5
    assert not is_running(int(ctx.messages[0].split()[1]))


def test_a_task_killed_before_it_began_ends_at_once(ctx, workdir, monkeypatch):
    monkeypatch.setattr("plugins.runners.process_run.GRACE_SECONDS", 0.2)
    ctx.kill()
    with pytest.raises(PluginError, match="killed"):
        run(ctx, "sleep 60")


def test_a_line_without_end_takes_no_memory(ctx, workdir):
    run(ctx, "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo next")
    assert [len(message) < 1_100_000 for message in ctx.messages] == [True, True]
    assert "more bytes" in ctx.messages[0]
    assert ctx.messages[1] == "next"


def test_bytes_that_are_no_text_are_shown_as_such(ctx, workdir):
    run(ctx, r"printf '\377\376 ok\r\n'")
    assert ctx.messages == ["\ufffd\ufffd ok"]


def test_no_core_is_written_and_files_are_limited(ctx, workdir):
    run(ctx, "ulimit -c; ulimit -n")
    assert ctx.messages == ["0", "4096"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
def test_as_root_a_task_is_another_user_that_owns_nothing_else(ctx, workdir, tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "key").write_text("s3cret")
    with pytest.raises(PluginError):
        run(ctx, f"id -u; id -G; cat {private}/key")
    uid, groups = ctx.messages[0], ctx.messages[1]
    assert identities.FIRST <= int(uid) <= identities.LAST
    assert groups == uid
    assert "s3cret" not in " ".join(ctx.messages)
    assert (workdir).stat().st_uid == int(uid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
def test_two_tasks_at_once_are_two_users():
    with identities.borrow() as one, identities.borrow() as other:
        assert one != other
    with identities.borrow() as again:
        assert again not in (one, other)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
@pytest.mark.parametrize("place", ["/dev/shm", "/tmp", "/var/tmp"])
def test_what_a_task_leaves_in_a_shared_place_is_gone_with_it(ctx, workdir, place):
    name = f"{place}/orrery-left-{os.urandom(4).hex()}"
    run(ctx, f"umask 077; mkdir {name}; echo s3cret > {name}/file; echo s3cret > {name}.txt; ls {name}")
    assert ctx.messages == ["file"]
    assert not os.path.exists(name) and not os.path.exists(f"{name}.txt")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
def test_an_id_is_clean_when_it_is_lent_though_a_worker_died_with_it(monkeypatch, tmp_path):
    monkeypatch.setattr(identities, "_turn", iter([7, 7]))
    left = tmp_path / "left"
    left.write_text("s3cret")
    os.chown(left, identities.FIRST + 7, -1)
    others = tmp_path / "others"
    others.write_text("stays")
    monkeypatch.setattr(leftovers.wipe, "__defaults__", ((str(tmp_path),),))
    with identities.borrow() as identity:
        assert identity == identities.FIRST + 7
        assert not left.exists() and others.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
def test_shared_memory_of_an_id_is_removed(ctx, workdir):
    making = "import ctypes, os; print(ctypes.CDLL(None).shmget(0, 64, 0o1600))"
    run(ctx, f"python3 -c '{making}'")
    (number,) = ctx.messages
    assert int(number) >= 0
    segments = [line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    assert number not in segments


def test_task_runs_that_a_script_tells_of_are_reported(ctx, workdir):
    told = [
        {"taskId": "model.a", "startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-01T00:00:02.5Z"},
        {"taskId": "test.a", "state": "FAILED", "value": 7},
        {"taskId": "b", "state": "RUNNING"},
        {"taskId": 5},
        {"taskId": "c", "startDate": "yesterday"},
    ]
    (workdir / "told").write_text(f"::{json.dumps({'taskRuns': told})}::\n")
    run(ctx, "cat told")
    first, second = ctx.reported
    assert (first.task_id, first.state, first.ended - first.started) == ("model.a", "SUCCESS", timedelta(seconds=2.5))
    assert (second.task_id, second.state, second.value) == ("test.a", "FAILED", "7")
    assert [message.startswith("A task run was left out") for message in ctx.messages] == [True] * 3


def test_a_carriage_return_ends_a_line_that_is_written_over(ctx, workdir):
    run(ctx, r"printf 'step 1\rstep 2\rdone\r\n'; printf '\r10 %%\r20 %%\r'; sleep 0.2; printf '30 %%\r'")
    assert ctx.messages == ["step 1\r", "step 2\r", "done", "10 %\r", "20 %\r", "30 %\r"]


def test_a_progress_bar_is_seen_while_it_moves(ctx, workdir):
    seen = []

    def look(level, message):
        seen.append((message, (workdir / "over").exists()))

    ctx.log = look
    run(ctx, r"printf 'step 1\r'; sleep 0.5; touch over; printf 'step 2\r'; echo; echo end")
    assert seen == [("step 1\r", False), ("step 2", True), ("end", True)]


def test_outputs_on_a_line_too_long_to_be_read_are_a_failure(ctx, workdir):
    printing = 'print(chr(58) * 2 + chr(123) + chr(34) + "outputs" + chr(34) + chr(58) + chr(34) + "x" * 1_100_000)'
    with pytest.raises(PluginError, match="a line of them is longer"):
        run(ctx, f"python3 -c '{printing}'")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
def test_a_link_in_the_directory_is_handed_over_and_what_it_leads_to_is_not(ctx, workdir, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("x")
    (workdir / "link").symlink_to(outside)
    run(ctx, "true")
    assert outside.stat().st_uid == 0
