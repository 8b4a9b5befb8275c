"""Files that come to a folder of the worker's machine start executions, each once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flows.model.parse import parse_flow, parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.local_files_trigger import LocalFilesTrigger
from plugins.triggers.seen import Fresh, On, fresh
from tests.plugins.tasks.memory import MemoryContext

TYPE = "io.kestra.plugin.fs.local.Trigger"


def look(ctx: MemoryContext, folder: Path, **more: Any) -> list[str]:
    """The names of the files that a look starts with."""
    trigger = parse_trigger({"id": "inbox", "type": TYPE, "from": str(folder), **more})
    assert isinstance(trigger, LocalFilesTrigger)
    before = len(ctx.starts.begun)
    assert trigger.evaluate(ctx) is None
    return [file["name"] for begun in ctx.starts.begun[before:] for file in begun["files"]]


def test_each_file_starts_once_and_again_when_it_has_changed(ctx: MemoryContext, shared: Path) -> None:
    assert look(ctx, shared) == []
    (shared / "a.txt").write_text("one")
    assert look(ctx, shared) == ["a.txt"]
    assert look(ctx, shared) == []
    (shared / "b.txt").write_text("two")
    assert look(ctx, shared) == ["b.txt"]
    (shared / "a.txt").write_text("longer")
    assert look(ctx, shared) == ["a.txt"]


def test_the_execution_finds_the_contents(ctx: MemoryContext, shared: Path) -> None:
    (shared / "a.txt").write_text("content")
    look(ctx, shared)
    (file,) = ctx.starts.begun[0]["files"]
    assert ctx.text(file["uri"]) == "content"
    assert (file["path"], file["size"]) == (str(shared / "a.txt"), 7)


@pytest.mark.parametrize(("on", "names"), [("CREATE", ["new.txt"]), ("UPDATE", ["old.txt"])])
def test_it_starts_for_what_it_is_told(ctx: MemoryContext, shared: Path, on: str, names: list[str]) -> None:
    (shared / "old.txt").write_text("a")
    look(ctx, shared, on=on)
    (shared / "old.txt").write_text("changed")
    (shared / "new.txt").write_text("b")
    assert look(ctx, shared, on=on) == names
    assert look(ctx, shared, on=on) == []


def test_files_are_moved_or_deleted_once_their_execution_is_certain(ctx: MemoryContext, shared: Path) -> None:
    (shared / "in").mkdir()
    (shared / "in" / "a.txt").write_text("a")
    ctx.starts.refuses = True
    with pytest.raises(PluginError, match="nothing begins"):
        look(ctx, shared / "in", action="DELETE")
    assert (shared / "in" / "a.txt").exists()
    ctx.starts.refuses = False
    assert look(ctx, shared / "in", action="MOVE", moveDirectory=str(shared / "done")) == ["a.txt"]
    assert [each.name for each in (shared / "done").iterdir()] == ["a.txt"]
    (shared / "in" / "b.txt").write_text("b")
    assert look(ctx, shared / "in", action="DELETE") == ["b.txt"]
    assert list((shared / "in").iterdir()) == []


def test_only_files_that_fit_and_only_so_many_at_once(ctx: MemoryContext, shared: Path) -> None:
    (shared / "deep").mkdir()
    for number, name in enumerate(("a.csv", "b.csv", "c.txt", "deep/d.csv")):
        (shared / name).write_text(name)
        os.utime(shared / name, (number, number))
    more = {"regExp": r".*\.csv", "recursive": True, "maxFiles": 2}
    assert look(ctx, shared, **more) == ["a.csv", "b.csv"]
    assert look(ctx, shared, **more) == ["d.csv"]
    assert look(ctx, shared, **more) == []


def test_folders_that_are_not_opened_and_links_out_of_them_are_refused(
    ctx: MemoryContext, shared: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (shared / "link.txt").symlink_to(tmp_path / "secret.txt")
    (shared / "out").symlink_to(tmp_path)
    assert look(ctx, shared, recursive=True) == []
    for folder in (tmp_path, shared / "out", shared / ".."):
        with pytest.raises(PluginError, match="not authorized"):
            look(ctx, folder)
    (shared / "a.txt").write_text("a")
    with pytest.raises(PluginError, match="not authorized"):
        look(ctx, shared, action="MOVE", moveDirectory=str(tmp_path / "elsewhere"))


def test_a_folder_that_is_none_and_an_expression_that_is_none_say_so(ctx: MemoryContext, shared: Path) -> None:
    with pytest.raises(PluginError, match="is no folder"):
        look(ctx, shared / "missing")
    with pytest.raises(PluginError, match="no regular expression"):
        look(ctx, shared, regExp="(")


def test_a_move_without_a_folder_is_told_when_the_flow_is_saved() -> None:
    source = f"""
id: f
namespace: a.b
tasks: [{{id: a, type: io.kestra.plugin.core.debug.Return, format: x}}]
triggers: [{{id: t, type: {TYPE}, from: /data, action: MOVE, on: CREATE}}]
"""
    with pytest.raises(Exception, match="MOVE needs a folder"):
        parse_flow(source)


def test_what_is_gone_is_forgotten_and_new_when_it_comes_back() -> None:
    known = {"a": "1", "b": "1"}
    assert fresh(known, {"a": "1"}, On.CREATE, 9) == Fresh([], {"a": "1"})
    assert fresh({"a": "1"}, {"a": "1", "b": "1"}, On.CREATE, 9) == Fresh(["b"], known)
    assert fresh({}, {"a": "1", "b": "1"}, On.CREATE_OR_UPDATE, 1) == Fresh(["a"], {"a": "1"})
