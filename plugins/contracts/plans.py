"""What tasks that decide say to the engine: which of their tasks run, in which order, how many at once."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, TypeAdapter, ValidationError

from control_plane.kernel.words.durations import Duration
from plugins.contracts import PluginError, State, Task


class Shape(enum.StrEnum):
    """How the tasks of a branch become lanes. The tasks of one lane run one after the other."""

    CHAIN = "chain"
    """One lane holds them all."""
    FAN = "fan"
    """A lane for each task."""
    LOOP = "loop"
    """A lane for each value, holding all tasks."""
    LOOP_FAN = "loop_fan"
    """A lane for each value and task."""
    GRAPH = "graph"
    """A lane for each task, which opens once the lanes it depends on have ended."""
    ONE_JOB = "one_job"
    """All of them inside one job, which the worker reports one by one."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Stay PAUSED before the branch begins, until resumed or until one of these has passed."""

    delay: timedelta | None = None
    timeout: timedelta | None = None
    on_delay: State = State.RUNNING
    on_timeout: State = State.FAILED


@dataclass(frozen=True, slots=True)
class Rounds:
    """Run the branch again and again until `FlowableTask.is_done` says so, within these bounds."""

    interval: timedelta = timedelta(minutes=1)
    max_iterations: int | None = None
    max_duration: timedelta | None = None
    fails_when_reached: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a flowable does now that its expressions are known. `limit` lanes are open at once, 0 means all."""

    branch: str = "tasks"
    shape: Shape = Shape.CHAIN
    limit: int = 0
    values: Sequence[str] | None = None
    outputs: Mapping[str, Any] | None = None
    rest: Rest | None = None
    rounds: Rounds | None = None
    is_dead_end: bool = False
    """There is nothing it could run: it fails."""
    on_failure: str | None = None
    """What becomes of the lanes beside one that failed: CONTINUE lets what runs end, FAIL and CANCEL end it so. None:
    lanes know nothing of each other but that no new one opens."""


class EndingTask(Task):
    """A task that ends the execution it stands in. It never reaches a worker."""

    def control(self) -> Mapping[str, Any]:
        """The expressions it must know, by name."""
        return {}

    def end_state(self, values: Mapping[str, Any]) -> State:
        """The state to end in, given its rendered `control`. Raises PluginError, which fails the task run."""
        return State.SUCCESS


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of a loop is about; `key` when the loop goes over a map."""

    value: str
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Turns:
    """What a loop goes over: `turns`, or the lines of the file at `uri`, to be told by `LoopTask.turns_of_lines`.

    `limit` turns run at once, 0 means all. `is_stored`: each keeps its outputs in a file.
    """

    turns: Sequence[Turn] = ()
    uri: str | None = None
    limit: int = 1
    transmits_failure: bool = True
    is_stored: bool = False
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What its own outputs hold besides the counts."""


OnChildFailure = Literal["CONTINUE", "CANCEL", "FAIL"]


class FlowableTask(Task):
    """A task that decides what runs next. It never reaches a worker; the engine asks it and folds the answers.

    It is a function of its properties and of what `control` rendered to; it knows nothing of executions.
    """

    IS_ONE_JOB: ClassVar[bool] = False
    """Its tasks run inside one job."""
    GOES_OVER_VALUES: ClassVar[bool] = False
    """What it is given names its turns, and is shown wherever they are."""

    errors: list[Task] = Field(default_factory=list)
    finally_: list[Task] = Field(default_factory=list, alias="finally")

    def branches(self) -> Mapping[str, Sequence[Task]]:
        """Its own tasks by the name of the branch they stand in, `errors` and `finally` left out."""
        return {}

    def depends_on(self) -> Mapping[str, Sequence[str]]:
        """For a graph: which tasks must have ended before a task begins."""
        return {}

    def control(self) -> Mapping[str, Any]:
        """The expressions it must know before it can plan, by name."""
        return {}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        """Say what runs, given its rendered `control`. Raises PluginError, which fails the task run."""
        return Plan()

    def when_paused(self) -> Sequence[Task]:
        """Tasks that run once when it pauses, beside the wait."""
        return ()

    def settle(self, state: State) -> State:
        """The state it ends in when its tasks brought it to `state`."""
        return state

    def question(self) -> Mapping[str, Any]:
        """The expressions to render at the end of each round, when the plan has rounds."""
        return {}

    def is_done(self, values: Mapping[str, Any]) -> bool:
        """Whether the rounds are over, given the rendered `question`."""
        return True


class LoopTask(FlowableTask):
    """A flowable whose tasks run in turns, each turn an execution of its own."""

    GOES_OVER_VALUES = True

    def turns(self, values: Mapping[str, Any]) -> Turns:
        """Say what it goes over, given its rendered `control`. Raises PluginError, which fails the task run."""
        raise PluginError(f"{self.type} goes over nothing")

    def turns_of_lines(self, text: str) -> Turns:
        """The same, given the content of the file at `Turns.uri`. Raises PluginError."""
        raise PluginError(f"{self.type} goes over no file")

    def turn_outputs(self) -> Sequence[Mapping[str, Any]]:
        """What every turn gives, declared as the outputs of a flow are."""
        return ()


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """The execution an ExecutableTask wants started."""

    namespace: str
    flow_id: str
    revision: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    inherits_labels: bool = False
    schedule_date: Any = None
    is_awaited: bool = True
    transmits_failure: bool = True


class ExecutableTask(Task):
    """A task whose work is another execution, or one for each of its items."""

    @property
    def restarts_children(self) -> bool:
        """Whether a restart of the task restarts the executions that failed, instead of starting new ones."""
        return False

    def items(self) -> Any | None:
        """An expression for the list it iterates over, or None when it starts one execution."""
        return None

    def control(self) -> Mapping[str, Any]:
        """The expressions that say what to start, rendered once for each child."""
        return {}

    def child(self, values: Mapping[str, Any]) -> ChildSpec:
        """Say what to start, given its rendered `control`. Raises PluginError, which fails the task run."""
        raise PluginError(f"{self.type} starts nothing")


_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)


def as_duration(value: Any) -> timedelta | None:
    """A rendered duration; nothing rendered is no duration. Raises PluginError."""
    if value is None or value == "":
        return None
    try:
        return _DURATION.validate_python(value)
    except ValidationError as error:
        raise PluginError(f"`{value}` is no duration", retryable=False) from error


def as_count(value: Any, name: str) -> int:
    """A rendered number of things. Raises PluginError naming the property."""
    try:
        count = int(value)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{name}: `{value}` is no whole number", retryable=False) from error
    if count < 0:
        raise PluginError(f"{name}: must be greater than or equal to 0", retryable=False)
    return count
