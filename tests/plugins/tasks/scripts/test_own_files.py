"""Files that a task's runner needs for itself are nobody's else, and hold no secret once it has ended."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plugins.contracts import PluginError
from tests.plugins.reachable import reachable_folder
from tests.plugins.tasks.memory import MemoryContext, run

SHELL = "io.kestra.plugin.scripts.shell"
PYTHON = "io.kestra.plugin.scripts.python"
NODE = "io.kestra.plugin.scripts.node"
SECRET = "value-of-PW"
WRITING = {
    f"{SHELL}.Commands": {"commands": ["echo '{{ secret('PW') }}' > /dev/null; cat {{ file }} > kept.txt"]},
    f"{SHELL}.Script": {"script": "echo '{{ secret('PW') }}' > /dev/null; cat {{ file }} > kept.txt"},
    f"{PYTHON}.Commands": {
        "beforeCommands": ["echo '{{ secret('PW') }}' > /dev/null"],
        "commands": ['python -c \'import shutil; shutil.copy("{{ file }}", "kept.txt")\''],
    },
    f"{PYTHON}.Script": {"script": "open('kept.txt', 'w').write(open('{{ file }}').read()) # {{ secret('PW') }}"},
    f"{NODE}.Script": {"script": "require('fs').copyFileSync('{{ file }}', 'kept.txt') // {{ secret('PW') }}"},
    f"{NODE}.Commands": {"commands": ["cat {{ file }} > kept.txt # {{ secret('PW') }}"]},
}


@pytest.fixture
def ctx() -> Iterator[MemoryContext]:
    with reachable_folder() as folder:
        workdir = folder / "work"
        workdir.mkdir()
        yield MemoryContext(workdir)


def left(ctx: MemoryContext) -> list[str]:
    """Everything that is there when the command has ended, beside the working directory too."""
    return sorted(path.name for path in ctx.workdir.parent.rglob("*") if path != ctx.workdir)


@pytest.mark.parametrize("task", list(WRITING))
@pytest.mark.parametrize("fails", [False, True])
def test_no_pattern_keeps_a_file_of_ours(ctx: MemoryContext, task: str, fails: bool):
    ctx.scope["file"] = ctx.keep("content")
    ending = {"beforeCommands": ["exit 3"]} if fails else {}
    properties: dict[str, Any] = {**WRITING[task], **ending, "outputFiles": ["**"]}
    if fails:
        with pytest.raises(PluginError) as caught:
            run(ctx, task, **properties)
        files = caught.value.outputs["outputFiles"]
    else:
        files = run(ctx, task, **properties)["outputFiles"]
        assert ctx.text(files["kept.txt"]) == "content"
    assert set(files) == (set() if fails else {"kept.txt"})
    assert left(ctx) == ([] if fails else ["kept.txt"])


def test_temporary_files_of_a_task_are_its_own(ctx: MemoryContext):
    run(ctx, f"{SHELL}.Commands", commands=['echo "$TMPDIR"; echo x > "$TMPDIR/mine"'], outputFiles=["**"])
    (folder,) = ctx.messages
    assert not folder.startswith(str(ctx.workdir)) and not Path(folder).exists()


def test_a_script_finds_its_neighbours(ctx: MemoryContext):
    outputs = run(
        ctx,
        f"{PYTHON}.Script",
        inputFiles={"helper.py": "value = 'of the helper'"},
        script="import helper; open('out.txt', 'w').write(helper.value)",
        outputFiles=["out.txt"],
    )
    assert ctx.text(outputs["outputFiles"]["out.txt"]) == "of the helper"


def test_an_expression_says_where_a_named_output_file_is_to_be_written(ctx: MemoryContext):
    outputs = run(
        ctx,
        f"{SHELL}.Commands",
        commands=["cd /; echo a > {{ outputFiles['o.txt'] }}; echo b > {{ outputFiles['deep/p.txt'] }}"],
        outputFiles=["o.txt", "deep/p.txt", "*.csv"],
    )
    kept = {name: ctx.text(uri) for name, uri in outputs["outputFiles"].items()}
    assert kept == {"o.txt": "a\n", "deep/p.txt": "b\n"}


def test_a_file_that_cannot_be_kept_costs_no_other(ctx: MemoryContext):
    outputs = run(
        ctx,
        f"{SHELL}.Commands",
        commands=["echo a > a.txt; echo b > b.txt; ln b.txt c.txt; echo d > $(printf 'bad\\351.txt'); echo e > 'x\\y'"],
        outputFiles=["**"],
    )
    assert set(outputs["outputFiles"]) == {"a.txt"}
    warned = [message for level, message in ctx.lines if level == "WARN"]
    assert len(warned) == 4
    for name in ("b.txt", "c.txt", "bad?.txt", "x\\y"):
        assert any(f"`{name}` was not kept" in message for message in warned), (name, warned)


def test_what_cannot_be_kept_for_now_fails_the_task(ctx: MemoryContext, monkeypatch: pytest.MonkeyPatch):
    def away(source: Any, name: str) -> str:
        raise PluginError("The control plane does not answer")

    monkeypatch.setattr(ctx, "store", away)
    with pytest.raises(PluginError, match="does not answer"):
        run(ctx, f"{SHELL}.Commands", commands=["echo a > a.txt"], outputFiles=["**"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user id")
def test_nobody_else_reads_them(ctx: MemoryContext):
    run(ctx, f"{SHELL}.Commands", commands=['stat -c %a "$(dirname "$TMPDIR")"'])
    assert ctx.messages == ["700"]
