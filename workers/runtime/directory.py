"""A WorkingDirectory: one job, several task runs, one directory they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from plugins.contracts import PluginError, Property, State
from plugins.flowables.working_directory import WorkingDirectory
from plugins.tasks.scripts.script_task import NamespaceFilesOption, put_namespace_files
from plugins.working_directory.cache import keep_cache, restore_cache
from plugins.working_directory.files import put_input_files, store_output_files
from workers.runtime import protocol
from workers.runtime.context import JobContext
from workers.runtime.journal import timestamp
from workers.runtime.running import Running

_FALSE = frozenset({"", "false", "0", "-0"})


class ChildRunner(Protocol):
    """What runs one task of the directory: given its scope, in that directory, to its end."""

    def child(self, running: Running, child: protocol.Child, scope: Mapping[str, Any], shared: Path) -> JobContext: ...

    def run_child(self, running: Running, child: protocol.Child, context: JobContext) -> protocol.End: ...


class Directory:
    """Runs the tasks in order and stops at the first that fails and may not."""

    def __init__(
        self,
        running: Running,
        task: WorkingDirectory,
        context: JobContext,
        runner: ChildRunner,
        tell: Callable[[], None],
    ) -> None:
        self._running = running
        self._task = task
        self._context = context
        self._runner = runner
        self._tell = tell
        self._outputs: dict[str, Any] = {}
        self._states: dict[str, Any] = {}

    def run(self) -> protocol.End:
        self._lay_out()
        for child in self._running.job.children:
            end = self._run_one(child)
            if self._running.stop.is_turned:
                return protocol.End(state=State.KILLED.value, is_retryable=False)
            if end.state == State.FAILED.value and not child.task.get("allowFailure"):
                # The child has told its error; the directory has none of its own.
                return protocol.End(state=State.FAILED.value, is_retryable=end.is_retryable)
            self._outputs[str(child.task["id"])] = end.outputs
            self._states[str(child.task["id"])] = {"state": _state_of(child, end)}
        return protocol.End(state=State.SUCCESS.value, outputs=self._kept())

    def _lay_out(self) -> None:
        """Put the files in that all of them find."""
        if self._task.cache is not None:
            restore_cache(self._context, self._task.cache.ttl)
        if self._task.namespace_files:
            put_namespace_files(self._context, NamespaceFilesOption.model_validate(self._task.namespace_files))
        if self._task.input_files is not None:
            wanted: Property[Any] = self._task.input_files
            files = self._context.render(wanted)
            if not isinstance(files, Mapping):
                raise PluginError("`inputFiles` must be a map of names and contents", retryable=False)
            put_input_files(self._context, files)

    def _kept(self) -> dict[str, Any]:
        if self._task.cache is not None:
            keep_cache(self._context, self._task.cache.patterns, self._task.cache.ttl)
        if self._task.output_files is None:
            return {}
        patterns = self._context.render(self._task.output_files)
        return {"outputFiles": store_output_files(self._context, self._context.workdir, patterns)}

    def _run_one(self, child: protocol.Child) -> protocol.End:
        running = {str(child.task["id"]): {"state": State.RUNNING.value}}
        scope = _with_what_was(child.scope, self._outputs, {**self._states, **running})
        context = self._runner.child(self._running, child, scope, self._context.workdir)
        if not self._is_wanted(child, context):
            return self._ended(child, protocol.End(state=State.SKIPPED.value))
        self._say(child, None)
        return self._ended(child, self._runner.run_child(self._running, child, context))

    def _is_wanted(self, child: protocol.Child, context: JobContext) -> bool:
        condition = child.task.get("runIf")
        return condition is None or str(context.render_any(condition)) not in _FALSE

    def _ended(self, child: protocol.Child, end: protocol.End) -> protocol.End:
        self._say(child, end)
        return end

    def _say(self, child: protocol.Child, end: protocol.End | None) -> None:
        event = protocol.ChildEvent(
            task_run_id=child.task_run_id, attempt=child.attempt, timestamp=timestamp(), end=end
        )
        self._running.tell_child(event)
        self._tell()


def _with_what_was(scope: Mapping[str, Any], outputs: Mapping[str, Any], states: Mapping[str, Any]) -> dict[str, Any]:
    """The scope of a task, with what the tasks before it in this directory brought and became, as far as it asks."""
    known = {**scope, "outputs": {**scope.get("outputs", {}), **outputs}} if outputs else dict(scope)
    return {**known, "tasks": {**scope["tasks"], **states}} if "tasks" in scope else known


def _state_of(child: protocol.Child, end: protocol.End) -> str:
    """What a task that did not stop the directory has come to."""
    is_allowed = end.state == State.FAILED.value and child.task.get("allowFailure")
    return State.WARNING.value if is_allowed else end.state
