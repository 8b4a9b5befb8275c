"""An execution when files come to a folder of the worker's machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Any, ClassVar, Literal

import re2
from pydantic import Field

from plugins.contracts import PluginError, Problem, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, listed
from plugins.contracts.services import LocalFiles, Starts
from plugins.triggers.seen import RemembersSeen, check_number, fresh
from plugins.working_directory.files import open_found

Action = Literal["MOVE", "DELETE", "NONE"]


@dataclass(frozen=True, slots=True)
class _There:
    path: Path
    size: int
    modified: float

    @property
    def version(self) -> str:
        return f"{self.modified:.6f}:{self.size}"


class LocalFilesTrigger(RemembersSeen):
    """Look into a folder every `interval`, and start an execution with the files that are new or have changed.

    Their contents are kept in the internal storage. Then the files are moved, deleted or, with NONE, remembered as
    seen. The folder, and the one they move to, must be in those that the operator of the worker has opened to flows.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.fs.local.Trigger"
    TITLE: ClassVar[str] = "Start when files come to a folder"
    OUTPUTS: ClassVar[Outputs] = {
        "files": listed(
            "The files: `name`, `path`, `uri` in the internal storage, `size` and `modifiedDate`.", {"type": "object"}
        ),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: files_come_in
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ trigger.files ?? [] }}"
triggers:
  - id: inbox
    type: io.kestra.plugin.fs.local.Trigger
    interval: PT10S
    from: /data/inbox
    regExp: .*\\.csv
    action: MOVE
    moveDirectory: /data/done
""",
    )

    from_: Property[str] = Field(alias="from")
    """The folder to look into."""
    action: Property[Action] = default("NONE")
    """What becomes of a file once its execution is certain."""
    move_directory: Property[str] | None = None
    """The folder that files are moved to, with MOVE."""
    reg_exp: Property[str] | None = None
    """Only files whose whole path fits this regular expression."""
    recursive: Property[bool] = default(False)
    """Look into the folders below it, too."""
    max_files: Property[int] = default(25)
    """How many files one execution gets; the others come with the next look."""

    def problems(self) -> Iterator[Problem]:
        if self.action.source == "MOVE" and self.move_directory is None:
            yield Problem("MOVE needs a folder to move to", "moveDirectory")

    def evaluate(self, ctx: RunContext) -> Mapping[str, Any] | None:
        there = {str(each.path): each for each in self._files(ctx)}
        check_number(len(there))
        known = self.known(ctx)
        versions = {name: each.version for name, each in there.items()}
        found = fresh(known, versions, self.on, max(1, ctx.render(self.max_files)))
        if not found.names:
            if found.known != known:
                self.remember(ctx, found.known)
            return None
        files = [_kept(ctx, there[name], number) for number, name in enumerate(found.names)]
        starts: Starts = ctx.service("starts")
        starts.begin(found=[{"files": files}], key=self.key(ctx), value=dict(found.known), ttl=self.ttl(ctx))
        self._put_away(ctx, [there[name].path for name in found.names])
        return None

    def _files(self, ctx: RunContext) -> list[_There]:
        local: LocalFiles = ctx.service("local")
        folder = local.path(name=ctx.render(self.from_))
        if not folder.is_dir():
            raise PluginError(f"`{folder}` is no folder", retryable=False)
        pattern = _compiled(ctx.render(self.reg_exp)) if self.reg_exp is not None else None
        paths = folder.rglob("*") if ctx.render(self.recursive) else folder.iterdir()
        found = (_there(path) for path in paths if pattern is None or pattern.fullmatch(str(path)))
        return sorted((each for each in found if each is not None), key=lambda each: (each.modified, each.path))

    def _put_away(self, ctx: RunContext, paths: list[Path]) -> None:
        action = ctx.render(self.action)
        if action == "NONE":
            return
        try:
            if action == "DELETE":
                for path in paths:
                    path.unlink(missing_ok=True)
                return
            folder = self._target(ctx)
            for path in paths:
                shutil.move(path, folder / path.name)
        except OSError as error:
            raise PluginError(f"The execution has begun, but its files stay: {error}", retryable=False) from error

    def _target(self, ctx: RunContext) -> Path:
        if self.move_directory is None:
            raise PluginError("MOVE needs a folder to move to", retryable=False)
        local: LocalFiles = ctx.service("local")
        folder = local.path(name=ctx.render(self.move_directory))
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _compiled(text: str) -> Any:
    try:
        return re2.compile(text)
    except re2.error as error:
        raise PluginError(f"`{text}` is no regular expression: {error}", retryable=False) from None


def _there(path: Path) -> _There | None:
    """None for what is no regular file, or is gone already."""
    try:
        about = path.lstat()
    except OSError:
        return None
    return _There(path, about.st_size, about.st_mtime) if S_ISREG(about.st_mode) else None


def _kept(ctx: RunContext, there: _There, number: int) -> dict[str, Any]:
    """Each under a folder of its own: two may have one name."""
    try:
        with open_found(there.path) as content:
            uri = ctx.store(content, f"{number}/{there.path.name}")
    except OSError as error:
        raise PluginError(f"`{there.path}` cannot be read: {error.strerror}") from error
    modified = datetime.fromtimestamp(there.modified, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    shown = {"name": there.path.name, "path": str(there.path), "localPath": str(there.path), "uri": uri}
    return {**shown, "size": there.size, "modifiedDate": modified}
