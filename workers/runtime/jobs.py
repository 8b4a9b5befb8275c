"""One job from its first line to its end, in the thread of a slot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.egress import EgressPolicy
from plugins.contracts import LogLevel, Outcome, PluginError, ReportedRun, RunnableTask, State, VariableChange
from workers.runtime import protocol
from workers.runtime.api import ControlPlane
from workers.runtime.context import Attempt, JobContext
from workers.runtime.directory import Directory
from workers.runtime.documents import Documents, coverage_of, polling_trigger, realtime_trigger, working_directory
from workers.runtime.local_paths import LocalPaths
from workers.runtime.masking import Masker
from workers.runtime.outputs import checked_outputs
from workers.runtime.running import Running
from workers.runtime.scope import Coverage
from workers.runtime.services import Stores
from workers.runtime.stopping import Stop, Why
from workers.runtime.text import readable

MAX_ERROR_CHARS = 8192

T = TypeVar("T")


class JobRunner:
    """Runs jobs of every kind. One for the worker; it keeps parsed tasks and nothing of any job."""

    def __init__(
        self,
        url: str,
        egress: EgressPolicy,
        directories: Path,
        *,
        on_change: Callable[[Running], None] = lambda running: None,
        timeout: float = 30.0,
        local: LocalPaths | None = None,
    ) -> None:
        self._url = url
        self._local = local or LocalPaths()
        self._on_change = on_change
        self._egress = egress
        self._directories = directories
        self._timeout = timeout
        self._documents = Documents()

    def work(self, running: Running) -> None:
        """Do the job; its end stands in `running` afterwards, whatever happened."""
        job = running.job
        api = ControlPlane(self._url, job.token, timeout=self._timeout)
        stores = Stores(api, job.id, running.stop, self._egress, running.masker, self._local)
        try:
            if job.kind == "evaluate":
                self._evaluate(running, stores)
            elif job.kind == "trigger":
                self._poll(running, stores)
            elif job.kind == "listen":
                running.end = self._listen(running, stores)
            else:
                running.end = self._run(running, stores)
        except PluginError as error:
            running.end = self._failed(running, error)
        finally:
            api.close()
            running.journal.close()

    def _run(self, running: Running, stores: Stores) -> protocol.End:
        job = running.job
        attempt = Attempt(job.task_run_id, job.attempt, job.scope, job.timeout_seconds)
        if job.children:
            return self._run_directory(running, stores, attempt)
        prepared = self._documents.prepare(job.task)
        context = self._context(running, stores, attempt, prepared.coverage)
        return self._run_task(running, prepared.task, context)

    def _run_directory(self, running: Running, stores: Stores, attempt: Attempt) -> protocol.End:
        context = self._context(running, stores, attempt, coverage_of(running.job.task))
        runner = ChildRunner(self, stores)
        with _limited(running.stop, running.job.timeout_seconds):
            try:
                task = working_directory(running.job.task)
                return Directory(running, task, context, runner, lambda: self._on_change(running)).run()
            except PluginError as error:
                return self._failed(running, error)
            except Exception as error:
                return self._broken(running, error)
            finally:
                context.clean_up()

    def _run_task(self, running: Running, task: RunnableTask, context: JobContext) -> protocol.End:
        if not task.log_to_file:
            return self._attempted(running, task, context, may_rest=self._may_rest(running, context))
        context.log_to_file()
        end = self._attempted(running, task, context, may_rest=False)
        end.log_file = context.kept_log()
        return end

    def _attempted(self, running: Running, task: RunnableTask, context: JobContext, *, may_rest: bool) -> protocol.End:
        end = self._end_of(running, task, context, may_rest=may_rest)
        end.task_runs = [_as_reported(run) for run in context.reported]
        return end

    def _end_of(self, running: Running, task: RunnableTask, context: JobContext, *, may_rest: bool) -> protocol.End:
        with _limited(running.stop, context.timeout_seconds):
            try:
                if task.timeout is not None and task.timeout.misfit is not None:
                    context.render(task.timeout)
                result = task.run(context)
                if not may_rest:
                    context.wait(_rest_of(result))
                if context.is_out_of_time:
                    running.stop.turn(Why.TIMEOUT)
                end = self._ended(running, result)
                return _resting(end, context, _rest_of(result)) if may_rest else end
            except PluginError as error:
                return self._failed(running, error)
            except Exception as error:
                return self._broken(running, error)
            finally:
                context.clean_up()

    def _may_rest(self, running: Running, context: JobContext) -> bool:
        """Tasks of a WorkingDirectory hold its slot together."""
        return running.job.may_rest and context.task_run_id == running.job.task_run_id

    def _context(
        self, running: Running, stores: Stores, attempt: Attempt, coverage: Coverage, shared: Path | None = None
    ) -> JobContext:
        return JobContext(
            running.job,
            attempt,
            stores=stores,
            journal=running.journal,
            masker=running.masker,
            stop=running.stop,
            coverage=coverage,
            directories=self._directories,
            shared=shared,
        )

    def _ended(self, running: Running, result: Mapping[str, Any] | Outcome | None) -> protocol.End:
        outcome = result if isinstance(result, Outcome) else Outcome(outputs=result or {})
        if running.stop.is_turned:
            return self._failed(running, PluginError("The task was stopped", outputs=outcome.outputs))
        if outcome.message:
            running.journal.log(LogLevel.WARN, outcome.message)
        outputs = outputs_of(outcome)
        return protocol.End(
            state=outcome.state.value,
            outputs=outputs,
            labels=running.masker.mask_deep(dict(outcome.labels or {})),
            secrets=running.masker.found_in(outputs),
            variables=_told(outcome.variables, running.masker),
        )

    def _failed(self, running: Running, error: PluginError) -> protocol.End:
        """The end of an attempt that did not succeed: killed, out of time, or failed with what the task says.

        The error becomes a line of the log where the end is recorded, so it is none of the journal's.
        """
        outputs = _outputs_of_failure(error.outputs)
        secrets = running.masker.found_in(outputs)
        if running.stop.why in (Why.KILLED, Why.GONE, Why.DRAINED):
            return protocol.End(state=State.KILLED.value, outputs=outputs, is_retryable=False, secrets=secrets)
        if running.stop.why is Why.TIMEOUT:
            message = timeout_message(running.job.timeout_seconds or 0)
        else:
            message = running.masker.mask(str(error))
        error_text = readable(message.replace("\x00", "\ufffd"))[:MAX_ERROR_CHARS]
        return protocol.End(
            state=State.FAILED.value,
            outputs=outputs,
            error=error_text,
            is_retryable=error.retryable,
            secrets=secrets,
        )

    def _broken(self, running: Running, error: Exception) -> protocol.End:
        """A task raised what it must not: its name and words are enough for its author."""
        return self._failed(running, PluginError(f"{type(error).__name__}: {error}"))

    def _poll(self, running: Running, stores: Stores) -> None:
        """Ask a polling trigger whether there is anything new."""
        trigger = polling_trigger(running.job.task)
        found = self._looked(running, stores, trigger.evaluate)
        if found is None or stores.service("starts").count:
            running.end = protocol.End(state=State.SUCCESS.value)
        else:
            running.values = checked_outputs(found)

    def _listen(self, running: Running, stores: Stores) -> protocol.End:
        """Let a trigger listen until it is stopped, or until nothing can come any more."""
        self._looked(running, stores, realtime_trigger(running.job.task).listen)
        if running.stop.is_turned:
            return self._failed(running, PluginError("The trigger was stopped"))
        return protocol.End(state=State.SUCCESS.value)

    def _looked(self, running: Running, stores: Stores, look: Callable[[JobContext], T]) -> T:
        """What came of a look. Whatever it raises is an error of the trigger."""
        job = running.job
        attempt = Attempt(job.task_run_id, job.attempt, job.scope, job.timeout_seconds)
        context = self._context(running, stores, attempt, coverage_of(job.task))
        with _limited(running.stop, job.timeout_seconds):
            try:
                return look(context)
            except PluginError:
                raise
            except Exception as error:
                raise PluginError(f"{type(error).__name__}: {error}") from error
            finally:
                context.clean_up()

    def _evaluate(self, running: Running, stores: Stores) -> None:
        """Render control expressions that the engine may not render itself."""
        job = running.job
        attempt = Attempt(job.task_run_id, job.attempt, job.scope, job.timeout_seconds)
        context = self._context(running, stores, attempt, coverage_of(job.evaluations))
        running.values = checked_outputs({name: context.evaluate(text) for name, text in job.evaluations.items()})


def _as_reported(run: ReportedRun) -> protocol.ReportedRun:
    return protocol.ReportedRun(
        task_id=run.task_id, state=run.state.value, started=iso(run.started), ended=iso(run.ended), value=run.value
    )


class ChildRunner:
    """Runs the tasks of a WorkingDirectory under the job of the directory."""

    def __init__(self, workshop: JobRunner, stores: Stores) -> None:
        self._workshop = workshop
        self._stores = stores

    def child(self, running: Running, child: protocol.Child, scope: Mapping[str, Any], shared: Path) -> JobContext:
        attempt = Attempt(child.task_run_id, child.attempt, scope, child.timeout_seconds, is_child=True)
        return self._workshop._context(running, self._stores, attempt, coverage_of(child.task), shared)

    def run_child(self, running: Running, child: protocol.Child, context: JobContext) -> protocol.End:
        try:
            task = self._workshop._documents.prepare(child.task).task
        except PluginError as error:
            return self._workshop._failed(running, error)
        return self._workshop._run_task(running, task, context)


@contextmanager
def _limited(stop: Stop, seconds: float | None) -> Iterator[None]:
    """Stops the task when its time is up; only a task with a timeout pays for it."""
    if not seconds:
        yield
        return
    alarm = threading.Timer(seconds, stop.turn, (Why.TIMEOUT,))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _rest_of(result: Mapping[str, Any] | Outcome | None) -> float:
    return result.rest.total_seconds() if isinstance(result, Outcome) and result.rest is not None else 0.0


def _resting(end: protocol.End, context: JobContext, seconds: float) -> protocol.End:
    """The end that comes when the rest is over, or when the time of the task is up before that."""
    if seconds <= 0 or end.state != State.SUCCESS.value:
        return end
    left = context.seconds_left
    if left is not None and left <= seconds:
        error = timeout_message(context.timeout_seconds or 0)
        return protocol.End(state=State.FAILED.value, error=error, rest_seconds=left)
    end.rest_seconds = seconds
    return end


def timeout_message(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"Timeout after {minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"


def outputs_of(outcome: Outcome) -> dict[str, Any]:
    """Its outputs as plain JSON values, those that are null left out. Raises PluginError as `checked_outputs` does."""
    return checked_outputs({name: value for name, value in outcome.outputs.items() if value is not None})


def _told(change: VariableChange | None, masker: Masker) -> protocol.VariableChange | None:
    """Variables are shown to whoever may see the execution: a secret in them is masked."""
    if change is None:
        return None
    return protocol.VariableChange(
        values=masker.mask_deep(checked_outputs(change.values)),
        removed=list(change.removed),
        overwrite=change.overwrite,
        ignores_missing=change.ignores_missing,
    )


def _outputs_of_failure(outputs: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return checked_outputs(outputs)
    except PluginError:
        return {}
