"""What a WorkingDirectory keeps of one run for the next."""

from __future__ import annotations

import os
import stat
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from executions.simulator.world import Simulator
from flows.model.parse import parse_flow
from plugins.contracts import PluginError, State
from plugins.working_directory.cache import keep_cache, restore_cache
from tests.plugins.tasks.memory import MemoryContext

CACHED = """
id: cached
namespace: company.team
inputs: [{id: n, type: STRING}, {id: fails, type: BOOLEAN, defaults: false}]
tasks:
  - id: directory
    type: io.kestra.plugin.core.flow.WorkingDirectory
    cache: {patterns: ["deep/**"], ttl: PT1H}
    inputFiles: {"mine.txt": "{{ inputs.n }}"}
    tasks:
      - id: found
        type: io.kestra.plugin.core.storage.LocalFiles
        outputs: ["deep/**"]
      - id: write
        type: io.kestra.plugin.core.storage.LocalFiles
        inputs: {"deep/{{ 'er' }}.txt": "x", "deep/kept.txt": "of {{ inputs.n }}", "other.txt": "gone"}
      - id: end
        type: io.kestra.plugin.core.execution.Fail
        condition: "{{ inputs.fails }}"
"""


def found(world: Simulator, n: str, fails: bool = False) -> dict[str, str]:
    execution = world.run("company.team", "cached", {"n": n, "fails": fails})
    assert execution.state is (State.FAILED if fails else State.SUCCESS), [line.message for line in execution.logs]
    uris = (execution.runs_of("found")[0].outputs or {}).get("uris", {})
    return {name: world.memory_stores.read(uri).decode() for name, uri in uris.items()}


@pytest.fixture
def world() -> Simulator:
    made = Simulator()
    made.add(parse_flow(CACHED.replace("deep/{{ 'er' }}.txt", "deep/er.txt")).flow)
    return made


def test_the_next_run_finds_what_matched(world: Simulator) -> None:
    assert found(world, "1") == {}
    assert found(world, "2") == {"deep/er.txt": "x", "deep/kept.txt": "of 1"}


def test_a_cache_is_kept_once_and_ends_with_its_time(world: Simulator) -> None:
    found(world, "1")
    assert found(world, "2")["deep/kept.txt"] == "of 1"
    assert found(world, "3")["deep/kept.txt"] == "of 1"
    later = world.clock.now + timedelta(hours=1)
    world.clock.plan(later, lambda: None)
    world.settle()
    assert found(world, "4") == {}
    assert found(world, "5")["deep/kept.txt"] == "of 4"


def test_a_run_that_fails_keeps_nothing(world: Simulator) -> None:
    found(world, "1", fails=True)
    assert found(world, "2") == {}


class Caches:
    """One place for a cache, in memory."""

    def __init__(self, uri: str | None = None) -> None:
        self.uri = uri

    def find_cache(self, *, ttl: float | None) -> str | None:
        return self.uri

    def keep_cache(self, *, uri: str) -> None:
        self.uri = uri


@pytest.fixture
def ctx(tmp_path: Path) -> MemoryContext:
    made = MemoryContext(tmp_path / "first")
    made.workdir.mkdir()
    made.services["executions"] = Caches()
    return made


def second(ctx: MemoryContext, tmp_path: Path) -> Any:
    """The same task again, in an empty directory."""
    ctx.workdir = tmp_path / "second"
    ctx.workdir.mkdir()
    restore_cache(ctx, None)
    return ctx.workdir


def test_rights_and_links_come_back_as_they_were(ctx: MemoryContext, tmp_path: Path) -> None:
    (ctx.workdir / "bin").mkdir()
    (ctx.workdir / "bin/run").write_text("#!")
    (ctx.workdir / "bin/run").chmod(0o4775)
    (ctx.workdir / "bin/link").symlink_to("run")
    (ctx.workdir / "bin/away").symlink_to("/etc/hostname")
    keep_cache(ctx, ["bin/**"], None)
    there = second(ctx, tmp_path)
    assert stat.S_IMODE((there / "bin/run").stat().st_mode) == 0o755
    assert os.readlink(there / "bin/link") == "run"
    assert os.readlink(there / "bin/away") == "/etc/hostname"
    assert b"hostname" not in b"".join(ctx.storage.kept.values()).replace(b"/etc/hostname", b"")


def test_nothing_that_matches_is_no_cache(ctx: MemoryContext) -> None:
    (ctx.workdir / "a").write_text("a")
    keep_cache(ctx, ["b/**"], None)
    assert ctx.services["executions"].uri is None


@pytest.mark.parametrize("name", ["../out.txt", "/../out.txt", "a/../../out.txt"])
def test_an_archive_leads_nowhere_else(ctx: MemoryContext, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(name, "out")
    ctx.services["executions"] = Caches(ctx.keep((tmp_path / "bad.zip").read_bytes()))
    second(ctx, tmp_path)
    assert "cannot be used" in ctx.messages[-1]
    assert not (tmp_path / "out.txt").exists()


def test_a_link_does_not_lead_a_file_out(ctx: MemoryContext, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("out")
    link.external_attr = (0o777 | stat.S_IFLNK) << 16
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr(link, str(tmp_path))
        archive.writestr("out/caught.txt", "x")
    ctx.services["executions"] = Caches(ctx.keep((tmp_path / "bad.zip").read_bytes()))
    there = second(ctx, tmp_path)
    assert not (tmp_path / "caught.txt").exists()
    assert (there / "out/caught.txt").read_text() == "x"


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_a_broken_archive_fails_no_task(ctx: MemoryContext, tmp_path: Path, content: bytes) -> None:
    ctx.services["executions"] = Caches(ctx.keep(content))
    second(ctx, tmp_path)
    assert "cannot be used" in ctx.messages[-1]


def test_what_cannot_be_kept_fails_no_task(ctx: MemoryContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> str:
        raise PluginError("too large")

    monkeypatch.setattr(ctx, "store", refuse)
    (ctx.workdir / "a").write_text("a")
    keep_cache(ctx, ["a"], None)
    assert "cannot be kept: too large" in ctx.messages[-1]
