"""Simulated workers: they run tasks for real, in memory, or follow a script; their time is the simulation's."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from plugins.contracts import LogLevel, Outcome, PluginError, ReportedRun, RunnableTask, State, Task, VariableChange
from plugins.flowables.working_directory import WorkingDirectory
from plugins.tasks.scripts.script_task import NamespaceFilesOption, put_namespace_files
from plugins.triggers.kinds import PollingTrigger
from plugins.working_directory.cache import keep_cache, restore_cache
from plugins.working_directory.files import put_input_files, store_output_files
from workers.runtime import protocol
from workers.runtime.context import Attempt, JobContext
from workers.runtime.documents import coverage_of
from workers.runtime.jobs import outputs_of, timeout_message
from workers.runtime.journal import Journal
from workers.runtime.masking import Masker
from workers.runtime.outputs import checked_outputs
from workers.runtime.stopping import Stop, Why


@dataclass(frozen=True, slots=True)
class SimulatedJob:
    """One attempt as a script sees it."""

    task: Task
    execution_id: str
    task_run_id: str
    attempt: int
    value: str | None
    scope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What an attempt came to, and how long it took."""

    state: State = State.SUCCESS
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    variables: VariableChange | None = None
    is_retryable: bool = True
    took: timedelta = timedelta(milliseconds=10)
    logs: tuple[tuple[LogLevel, str], ...] = ()
    secrets: tuple[str, ...] = ()
    """Those that occur in the outputs."""
    metrics: tuple[protocol.Metric, ...] = ()
    task_runs: tuple[ReportedRun, ...] = ()


Script = Callable[[SimulatedJob], Done | None]
"""What an attempt comes to; None lets the task itself run."""


class SimulatedStop(Stop):
    """A switch whose waiting takes no time, only the simulation's. A task that waits past its timeout is stopped."""

    __slots__ = ("limit", "waited")

    def __init__(self, limit: timedelta | None) -> None:
        super().__init__()
        self.limit = limit
        self.waited = timedelta()

    def wait(self, seconds: float, deadline: float | None = None) -> bool:
        self.waited += timedelta(seconds=seconds)
        if self.limit is not None and self.waited > self.limit:
            self.waited = self.limit
            self.turn(Why.TIMEOUT)
        return self.is_turned


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands: whose it is, and what it may read."""

    tenant: str
    namespace: str
    flow_id: str
    execution_id: str
    task_run_id: str
    attempt: int
    value: str | None
    scope: Mapping[str, Any]
    secrets: tuple[str, ...] = ()
    """Those in the scope, which are masked in what the job prints."""


def perform(task: Task, place: Place, stores: Any, *, script: Script | None, workdir: Path | None = None) -> Done:
    """Do one attempt of a task: as the script says, or for real."""
    if script is not None:
        said = script(
            SimulatedJob(task, place.execution_id, place.task_run_id, place.attempt, place.value, place.scope)
        )
        if said is not None:
            return said
    if not isinstance(task, RunnableTask):
        return Done(State.FAILED, error=f"{task.type} is no task a worker can run", is_retryable=False)
    return _run(task, place, stores, workdir)


def evaluate(expressions: Mapping[str, Any], place: Place, stores: Any) -> tuple[dict[str, Any], list[str]]:
    """Render control expressions as a worker does; the values, and the secrets in them. Raises PluginError."""
    with _Bench(place, stores, coverage_of(expressions), None, None) as bench:
        values = checked_outputs({name: bench.context.evaluate(text) for name, text in expressions.items()})
        return values, bench.masker.found_in(values)


def poll(trigger: PollingTrigger, place: Place, stores: Any) -> Mapping[str, Any] | None:
    """Look once, for real, whether what a trigger waits for has happened. Raises PluginError."""
    document = trigger.model_dump(mode="json", by_alias=True, exclude_none=True)
    with _Bench(place, stores, coverage_of(document), None, None) as bench:
        return trigger.evaluate(bench.context)


def lay_out(task: Task, place: Place, stores: Any, workdir: Path) -> Done:
    """Put the files of a WorkingDirectory where its tasks find them."""
    assert isinstance(task, WorkingDirectory)
    document = task.model_dump(mode="json", by_alias=True, exclude_none=True)
    with _Bench(place, stores, coverage_of(document), None, workdir) as bench:
        try:
            if task.cache is not None:
                restore_cache(bench.context, task.cache.ttl)
            if task.namespace_files:
                put_namespace_files(bench.context, NamespaceFilesOption.model_validate(task.namespace_files))
            if task.input_files is not None:
                put_input_files(bench.context, bench.context.render(task.input_files))
        except PluginError as error:
            return bench.failed(task, error)
    return Done()


def keep_files(task: Task, place: Place, stores: Any, workdir: Path) -> Done:
    """Keep the files a WorkingDirectory names when all its tasks have ended well."""
    assert isinstance(task, WorkingDirectory)
    if task.output_files is None and task.cache is None:
        return Done(took=timedelta())
    sources = task.output_files.source if task.output_files is not None else []
    with _Bench(place, stores, coverage_of(sources), None, workdir) as bench:
        try:
            if task.cache is not None:
                keep_cache(bench.context, task.cache.patterns, task.cache.ttl)
            if task.output_files is None:
                return Done(took=timedelta())
            patterns = bench.context.render(task.output_files)
            return Done(outputs={"outputFiles": store_output_files(bench.context, workdir, patterns)})
        except PluginError as error:
            return bench.failed(task, error)


def _run(task: RunnableTask, place: Place, stores: Any, workdir: Path | None) -> Done:
    limit: timedelta | None = None
    document = task.model_dump(mode="json", by_alias=True, exclude_none=True)
    with _Bench(place, stores, coverage_of(document), None, workdir) as bench:
        try:
            limit = bench.context.render(task.timeout) if task.timeout is not None else None
            bench.stop.limit = limit
            result = task.run(bench.context)
            outcome = result if isinstance(result, Outcome) else Outcome(outputs=result or {})
            return bench.done(task, outcome)
        except PluginError as error:
            return bench.failed(task, error)
        except Exception as error:
            return bench.failed(task, PluginError(f"{type(error).__name__}: {error}"))


def job_directory() -> Path:
    """A directory that programs of a task may pass through: they may run under an id that is not ours."""
    made = Path(tempfile.mkdtemp(prefix="simulated-"))
    made.chmod(0o711)
    return made


class _Bench:
    """The surroundings of one simulated attempt, cleared away afterwards."""

    def __init__(self, place: Place, stores: Any, coverage: Any, limit: timedelta | None, workdir: Path | None) -> None:
        self.stop = SimulatedStop(limit)
        self.masker = Masker()
        self.masker.add(place.secrets)
        self.journal = Journal(self.masker, lambda: None)
        self._directory = job_directory() if workdir is None else workdir
        self._is_own = workdir is None
        job = protocol.Job(
            id=f"{place.task_run_id}-{place.attempt}",
            tenant=place.tenant,
            namespace=place.namespace,
            flow_id=place.flow_id,
            execution_id=place.execution_id,
            task_run_id=place.task_run_id,
            attempt=place.attempt,
        )
        self.context = JobContext(
            job,
            Attempt(place.task_run_id, place.attempt, place.scope, None),
            stores=stores,
            journal=self.journal,
            masker=self.masker,
            stop=self.stop,
            coverage=coverage,
            directories=self._directory,
            shared=workdir,
        )

    def __enter__(self) -> _Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.journal.close()
        if self._is_own:
            shutil.rmtree(self._directory, ignore_errors=True)

    def done(self, task: Task, outcome: Outcome) -> Done:
        if outcome.rest is not None:
            self.stop.wait(outcome.rest.total_seconds())
        if self.stop.is_turned:
            return self.failed(task, PluginError("The task was stopped", outputs=outcome.outputs))
        if outcome.message:
            self.journal.log(LogLevel.WARN, outcome.message)
        labels = self.masker.mask_deep(dict(outcome.labels or {}))
        told = self._told(task, outcome.state, outputs_of(outcome), None, labels, True)
        return replace(told, variables=outcome.variables)

    def failed(self, task: Task, error: PluginError) -> Done:
        is_late = self.stop.why is Why.TIMEOUT and self.stop.limit is not None
        limit = self.stop.limit.total_seconds() if self.stop.limit is not None else 0
        message = timeout_message(limit) if is_late else self.masker.mask(str(error))
        return self._told(task, State.FAILED, checked_outputs(error.outputs), message, {}, error.retryable)

    def _told(
        self,
        task: Task,
        state: State,
        outputs: Mapping[str, Any],
        error: str | None,
        labels: Mapping[str, str],
        is_retryable: bool,
    ) -> Done:
        least = task.log_level.rank if task.log_level is not None else 0
        lines = ((LogLevel(line.level), line.message) for line in self.journal.take_lines(1 << 30))
        return Done(
            state=state,
            outputs=outputs,
            error=error,
            labels=labels,
            is_retryable=is_retryable,
            took=self.stop.waited + timedelta(milliseconds=10),
            secrets=tuple(self.masker.found_in(outputs)),
            logs=tuple(line for line in lines if line[0].rank >= least),
            metrics=tuple(self.journal.take_metrics()),
            task_runs=tuple(self.context.reported),
        )
