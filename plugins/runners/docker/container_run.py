"""One command from start to end in a container: found again if it runs already, read, and ended when it has to be."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plugins.contracts import LogLevel, PluginError, RunContext, ScriptCommand, ScriptResult
from plugins.runners.docker import archive
from plugins.runners.docker.engine import Engine, NameTaken
from plugins.runners.docker.transcript import Transcript
from plugins.runners.lines import LineSplitter
from plugins.runners.reader import KILLED, OUT_OF_MEMORY, OUT_OF_TIME, Reader, judged

JOB = "orrery.job"
"""The label by which the container of a job is known, whichever worker asks."""
_SPOOL_BYTES = 1 << 20
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the container is treated."""

    copies_files: bool
    deletes: bool
    waits: bool
    resumes: bool
    grace_seconds: float


class ContainerRun:
    """A container bears a name made of its job's key: an engine has it once, so a job never runs twice at a time."""

    def __init__(self, ctx: RunContext, engine: Engine, command: ScriptCommand, wishes: Wishes) -> None:
        self._ctx = ctx
        self._engine = engine
        self._command = command
        self._wishes = wishes
        self._key = f"{ctx.tenant}:{ctx.idempotency_key}"
        self._name = f"orrery-{hashlib.sha256(self._key.encode()).hexdigest()[:24]}"
        self._result = ScriptResult(exit_code=-1)
        self._stopped = ""

    def finish(self, body: Mapping[str, Any]) -> ScriptResult:
        container = self._found() or self._made(body)
        if not self._wishes.waits:
            self._result.exit_code = 0
            return self._result
        try:
            with self._stopping(container):
                self._follow(container)
            if not self._ctx.is_handed_on():
                self._collect(container)
        finally:
            if not self._ctx.is_handed_on():
                self._leave(container)
        return judged(self._result, self._stopped)

    def _found(self) -> str | None:
        """The container that an earlier worker has begun and not collected. One that never started is made anew."""
        known = self._engine.find(self._name)
        if known is None:
            return None
        if known["State"]["Status"] == "created" or not self._wishes.resumes:
            self._engine.remove(known["Id"])
            return None
        self._ctx.log(LogLevel.INFO, f"The container {known['Id'][:12]} of this task is there already: it is followed")
        return str(known["Id"])

    def _made(self, body: Mapping[str, Any]) -> str:
        labels = {JOB: self._key, "orrery.namespace": self._ctx.namespace, "orrery.flow": self._ctx.flow_id}
        try:
            container = self._engine.create(self._name, {**body, "Labels": labels})
        except NameTaken as error:
            raise PluginError("Another worker has just begun this task in a container") from error
        try:
            if self._wishes.copies_files:
                self._send_files(container)
            self._engine.start(container)
        except PluginError:
            self._engine.remove(container)
            raise
        return container

    def _send_files(self, container: str) -> None:
        folders = [folder for folder in (self._command.workdir, self._command.own) if folder is not None]
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
            archive.packed(folders, spool)  # type: ignore[arg-type]  # a spooled file is a binary stream
            spool.seek(0)
            self._engine.put(container, spool)  # type: ignore[arg-type]  # as above

    @contextlib.contextmanager
    def _stopping(self, container: str) -> Iterator[None]:
        """While it is followed, the container is stopped on a kill and when its time is up."""
        ended = threading.Event()

        def stop(why: str) -> None:
            if self._ctx.is_handed_on():
                self._engine.hang_up()
            elif not self._stopped:
                self._stopped = why
                self._end(container, ended)

        self._ctx.on_kill(threading.Thread(target=stop, args=[KILLED], daemon=True).start)
        timeout = self._command.timeout
        timer = threading.Timer(timeout.total_seconds(), stop, [OUT_OF_TIME]) if timeout else None
        if timer is not None:
            timer.daemon = True
            timer.start()
        try:
            yield
        finally:
            ended.set()
            if timer is not None:
                timer.cancel()

    def _end(self, container: str, ended: threading.Event) -> None:
        """Again until it has ended: an engine that does not answer now may do so later."""
        while not ended.is_set():
            try:
                self._engine.stop(container, self._wishes.grace_seconds)
                return
            except PluginError:
                ended.wait(_PAUSE_SECONDS)

    def _follow(self, container: str) -> None:
        output = LineSplitter(Reader(self._ctx, self._result, is_error=False))
        error = LineSplitter(Reader(self._ctx, self._result, is_error=True))
        Transcript(self._engine, container).read(output.feed, error.feed, self._ctx.is_handed_on)
        output.close()
        error.close()

    def _collect(self, container: str) -> None:
        self._result.exit_code = self._engine.wait(container)
        known = self._engine.find(container) or {}
        if not self._stopped and known.get("State", {}).get("OOMKilled"):
            self._stopped = OUT_OF_MEMORY
        if self._wishes.copies_files and self._stopped != KILLED:
            with self._engine.get(container, known["Config"]["WorkingDir"]) as chunks:
                archive.unpack(self._ctx, chunks, self._command.workdir)

    def _leave(self, container: str) -> None:
        """A container that is kept gives its name back, so that a retry does not take it for its own."""
        try:
            if self._wishes.deletes:
                self._engine.remove(container)
            else:
                self._engine.rename(container, f"{self._name}-{container[:12]}")
        except PluginError as error:
            self._ctx.log(LogLevel.WARN, f"The container {container[:12]} was not removed: {error}")
