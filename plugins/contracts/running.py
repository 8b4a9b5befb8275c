"""What a running task may reach, and what it may bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

from plugins.contracts.properties import Property
from plugins.contracts.states import LogLevel, State

T = TypeVar("T")


class PluginError(Exception):
    """A task could not do its work: the one exception plugins raise. `outputs` keeps what was made before it."""

    def __init__(self, message: str, *, retryable: bool = True, outputs: Mapping[str, Any] | None = None) -> None:
        self.retryable = retryable
        self.outputs = dict(outputs or {})
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class VariableChange:
    """What becomes of the variables of the execution: values are set, maps merged however deep; others are removed.

    Without `overwrite` a variable that is there fails the task; so does one that is missing when it is to be removed,
    unless `ignores_missing`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    removed: Sequence[str] = ()
    overwrite: bool = True
    ignores_missing: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run brought when outputs alone do not say it: a final state of its own, labels and variables for the
    execution."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.SUCCESS
    labels: Mapping[str, str] | None = None
    variables: VariableChange | None = None
    message: str | None = None
    rest: timedelta | None = None
    """How much longer the run takes, in which nothing is to be done."""


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """What a task did as a part of its own work, as one model of a dbt project: shown as a task run under the task's.

    `task_id` names the part; `value` tells apart what has the same name.
    """

    task_id: str
    state: State
    started: datetime
    ended: datetime
    value: str | None = None


class Runnable(Protocol):
    """What can be run in a context: a `RunnableTask`, seen from what it runs in."""

    def run(self, ctx: RunContext) -> Mapping[str, Any] | Outcome | None: ...


class RunContext(Protocol):
    """Everything a running task may reach. It belongs to one attempt and dies with it."""

    tenant: str
    namespace: str
    flow_id: str
    execution_id: str
    task_run_id: str
    attempt: int
    idempotency_key: str
    """The same for every attempt of a task run, so that a target can make an effect once."""
    workdir: Path
    """A directory of this attempt alone, removed afterwards."""
    scope: Mapping[str, Any]
    """The variables that the task's expressions may touch."""
    deadline: datetime | None

    def render(self, prop: Property[T]) -> T:
        """Render and convert. Raises PluginError naming the property and the expression."""

    def render_any(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Render a text, list or map however deep; `extra` adds variables for this call."""

    def log(self, level: LogLevel, message: str) -> None:
        """Add one line to the task run's log, in order, secrets masked."""

    def counter(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None: ...

    def gauge(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        """A number as it is now: the last one of a name and tags counts."""

    def timer(self, name: str, value: timedelta, tags: Mapping[str, str] | None = None) -> None: ...

    def report(self, run: ReportedRun) -> None:
        """Show a part of the work as a task run of its own. Only so many of an attempt are kept."""

    def store(self, source: Path | BinaryIO, name: str) -> str:
        """Keep a file in the internal storage of this task run; return its `kestra://` address."""

    def open(self, uri: str) -> BinaryIO:
        """Read a file of the internal storage that this execution may see, as a stream."""

    def is_killed(self) -> bool: ...

    def is_handed_on(self) -> bool:
        """Whether it was stopped only because another worker goes on with it: what runs elsewhere is left alone."""

    def wait(self, seconds: float) -> bool:
        """Sleep at most that long; return True at once when the task is killed or its time is up."""

    def on_kill(self, stop: Any) -> None:
        """Register a callable that stops the work at once; called from another thread."""

    def service(self, name: str) -> Any:
        """What a job may reach beyond itself; `plugins.contracts.services` describes each: `kv`, `http`, `state` ..."""

    def parse_task(self, document: str | Mapping[str, Any]) -> Runnable:
        """Build a task from YAML text or a map, as the flow parser would (TemplatedTask)."""
