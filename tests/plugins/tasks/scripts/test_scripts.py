"""Script tasks: files in, commands, files and variables out."""

from collections.abc import Iterator

import pytest

from plugins.contracts import PluginError, State
from tests.plugins.reachable import reachable_folder
from tests.plugins.tasks.memory import MemoryContext, outcome, run
from workers.runtime.documents import runnable

SHELL = "io.kestra.plugin.scripts.shell.Commands"
SHELL_SCRIPT = "io.kestra.plugin.scripts.shell.Script"
PYTHON = "io.kestra.plugin.scripts.python.Commands"
PYTHON_SCRIPT = "io.kestra.plugin.scripts.python.Script"
NODE_SCRIPT = "io.kestra.plugin.scripts.node.Script"


@pytest.fixture
def ctx() -> Iterator[MemoryContext]:
    with reachable_folder() as folder:
        workdir = folder / "work"
        workdir.mkdir()
        yield MemoryContext(workdir)


def test_shell_commands_give_variables_files_and_counts(ctx):
    outputs = (
        run(
            ctx,
            SHELL,
            commands=[
                'echo "::{\\"outputs\\":{\\"n\\":{{ inputs.n }}}}::"',
                "mkdir -p sub; echo hi > sub/a.txt",
                "echo x > b.csv",
            ],
            outputFiles=["*.csv", "sub/**"],
        )
        if ctx.scope.update(inputs={"n": 7}) is None
        else {}
    )
    assert outputs["vars"] == {"n": 7}
    assert outputs["exitCode"] == 0
    assert set(outputs["outputFiles"]) == {"b.csv", "sub/a.txt"}
    assert ctx.text(outputs["outputFiles"]["sub/a.txt"]) == "hi\n"
    assert outputs["stdOutLineCount"] == 1


def test_commands_share_one_shell_and_stop_at_the_first_failure(ctx):
    with pytest.raises(PluginError, match="exit code 1"):
        run(ctx, SHELL, commands=["name=x", "echo $name", "false", "echo never"])
    assert ctx.messages == ["x"]


def test_without_fail_fast_the_last_command_decides(ctx):
    run(ctx, SHELL, commands=["false", "echo on"], failFast=False)
    assert ctx.messages == ["on"]


@pytest.mark.parametrize(
    ("properties", "runner"),
    [
        ({}, "Process"),
        ({"containerImage": "ubuntu"}, "Docker"),
        ({"docker": {"image": "ubuntu"}}, "Docker"),
        ({"runner": "DOCKER"}, "Docker"),
        ({"runner": "PROCESS", "containerImage": "ubuntu"}, "Process"),
        ({"taskRunner": {"type": "io.kestra.plugin.core.runner.Process"}, "containerImage": "ubuntu"}, "Process"),
    ],
)
def test_where_commands_run(properties, runner):
    task = runnable({"id": "t", "type": SHELL, "commands": ["true"], **properties})
    assert type(task._runner()).__name__ == runner


def test_before_commands_run_first(ctx):
    run(ctx, SHELL, beforeCommands=["greeting=hello"], commands=["echo $greeting"])
    assert ctx.messages == ["hello"]


def test_input_files_are_content_or_addresses(ctx):
    uri = ctx.keep("a,b\n1,2\n", "orders.csv")
    files = {"orders.csv": uri, "note.txt": "for {{ flow.id }}", "deep/er.json": "[1]"}
    run(ctx, SHELL, inputFiles=files, commands=["cat orders.csv note.txt deep/er.json"])
    assert ctx.messages == ["a,b", "1,2", "for flow[1]"]


def test_input_files_may_be_one_expression(ctx):
    ctx.scope["inputs"] = {"files": {"a.txt": "hello"}}
    run(ctx, SHELL, inputFiles="{{ inputs.files }}", commands=["cat a.txt"])
    assert ctx.messages == ["hello"]


def test_addresses_in_commands_become_local_files(ctx):
    uri = ctx.keep("content\n", "data.txt")
    run(ctx, SHELL, commands=[f"cat {uri}", f"wc -l < '{uri}'"])
    assert ctx.messages == ["content", "1"]


def test_environment_variables_are_texts(ctx):
    run(ctx, SHELL, env={"A": "{{ flow.id }}", "B": 3, "C": True}, commands=["echo $A $B $C"])
    assert ctx.messages == ["flow 3 true"]


@pytest.mark.parametrize("name", ["../out", "/abs/../../x", "a/../../x", "..", "\x00"])
def test_files_cannot_be_put_elsewhere(ctx, name):
    with pytest.raises(PluginError):
        run(ctx, SHELL, inputFiles={name: "x"}, commands=["true"])


def test_files_of_the_machine_are_not_read(ctx):
    with pytest.raises(PluginError, match="not authorized"):
        run(ctx, SHELL, inputFiles={"a": "file:///etc/passwd"}, commands=["true"])


def test_links_that_a_script_leaves_are_not_followed(ctx, tmp_path):
    (tmp_path / "outside.txt").write_text("s3cret")
    commands = [f"ln -s {tmp_path}/outside.txt link.txt", f"ln -s {tmp_path} folder", "echo x > real.txt"]
    outputs = run(ctx, SHELL, commands=commands, outputFiles=["**"])
    assert set(outputs["outputFiles"]) & {"link.txt", "folder/outside.txt"} == set()
    assert "real.txt" in outputs["outputFiles"]


def test_output_files_are_kept_when_the_command_fails(ctx):
    with pytest.raises(PluginError) as caught:
        run(ctx, SHELL, commands=["echo x > a.txt", "exit 4"], outputFiles=["a.txt"])
    assert caught.value.outputs["exitCode"] == 4
    assert set(caught.value.outputs["outputFiles"]) == {"a.txt"}


def test_error_output_is_a_warning_only_when_asked(ctx):
    assert outcome(ctx, SHELL, commands=["echo x >&2"]).state is State.SUCCESS
    assert outcome(ctx, SHELL, commands=["echo x >&2"], warningOnStdErr=True).state is State.WARNING


def test_the_output_directory_is_kept_whole(ctx):
    outputs = run(ctx, SHELL, outputDirectory=True, commands=["echo x > {{ outputDir }}/a", "echo y > $OUTPUT_DIR/b"])
    assert set(outputs["outputFiles"]) == {"outputs/a", "outputs/b"}


def test_namespace_files_are_copied_by_pattern(ctx):
    files = ctx.services["files"].kept
    files |= {
        ("company.team", "/main.sh"): b"echo main",
        ("company.team", "/sub/x.txt"): b"x",
        ("company", "/main.sh"): b"echo other",
    }
    run(
        ctx,
        SHELL,
        namespaceFiles={"enabled": True, "include": ["main.sh"]},
        commands=["sh main.sh; ls sub 2>/dev/null || echo none"],
    )
    assert ctx.messages == ["main", "none"]


def test_later_namespaces_win_and_existing_files_may_be_kept(ctx):
    files = ctx.services["files"].kept
    files |= {("company.team", "/a"): b"team", ("company", "/a"): b"company"}
    both = {"namespaces": ["company.team", "company"]}
    run(ctx, SHELL, namespaceFiles=both, commands=["cat a"])
    run(ctx, SHELL, namespaceFiles={**both, "ifExists": "IGNORE"}, commands=["cat a"])
    with pytest.raises(PluginError, match="already exists"):
        run(ctx, SHELL, namespaceFiles={**both, "ifExists": "FAIL"}, commands=["cat a"])
    assert [message for level, message in ctx.lines if level == "INFO"] == ["company", "company"]


def test_commands_may_be_one_expression(ctx):
    ctx.scope["inputs"] = {"commands": ["echo a", "echo b"]}
    run(ctx, SHELL, commands="{{ inputs.commands }}")
    assert ctx.messages == ["a", "b"]


def test_a_long_script_is_no_problem(ctx):
    run(ctx, SHELL_SCRIPT, script="x='" + "y" * 300_000 + "'\nprintf %s $x | wc -c")
    assert ctx.messages == ["300000"]


def test_a_shell_script_runs_as_it_stands(ctx):
    run(ctx, SHELL_SCRIPT, script="for n in 1 2; do\n  echo $n\ndone")
    assert ctx.messages == ["1", "2"]


def test_a_python_script_reads_and_writes_files(ctx):
    uri = ctx.keep("category,total\nbooks,12.5\nmusic,3\nbooks,20\n", "orders.csv")
    script = """
import csv
rows = [r for r in csv.DictReader(open("orders.csv")) if r["category"] == "{{ taskrun.value }}"]
with open("{{ taskrun.value }}.csv", "w", newline="") as f:
    w = csv.DictWriter(f, fieldnames=rows[0].keys()); w.writeheader(); w.writerows(rows)
print('::{"outputs": {"orders": %d, "revenue": %.2f}}::' % (len(rows), sum(float(r["total"]) for r in rows)))
"""
    ctx.scope["taskrun"] = {"value": "books"}
    outputs = run(ctx, PYTHON_SCRIPT, inputFiles={"orders.csv": uri}, outputFiles=["*.csv"], script=script)
    assert outputs["vars"] == {"orders": 2, "revenue": 32.5}
    assert ctx.text(outputs["outputFiles"]["books.csv"]).startswith("category,total")


def test_python_commands_find_an_interpreter(ctx):
    run(ctx, PYTHON, inputFiles={"main.py": "print('hello')"}, commands=["python main.py"])
    assert "hello" in ctx.messages


def test_a_python_error_is_in_the_log(ctx):
    with pytest.raises(PluginError, match="exit code 1"):
        run(ctx, PYTHON_SCRIPT, script="raise ValueError('no good')")
    assert "ValueError: no good" in ctx.messages


def test_a_node_script_runs(ctx):
    run(ctx, NODE_SCRIPT, script="console.log('hello ' + (1 + 1))")
    assert ctx.messages == ["hello 2"]


def test_a_runner_may_be_named(ctx):
    run(ctx, SHELL, taskRunner={"type": "io.kestra.plugin.core.runner.Process"}, commands=["echo hi"])
    assert ctx.messages == ["hi"]


def test_the_command_line_tells_nothing(ctx):
    run(ctx, SHELL, commands=["tr '\\0' ' ' < /proc/$PPID/cmdline; tr '\\0' ' ' < /proc/$$/cmdline; true s3cret"])
    assert "s3cret" not in " ".join(ctx.messages)
