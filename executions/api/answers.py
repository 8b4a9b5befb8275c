"""Executions and what they leave behind, as the API's description names them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Label, Moment, Uri
from flows.api.answers import Input
from plugins.contracts import LogLevel
from plugins.contracts import State as States

StateType = Annotated[str, Field(json_schema_extra={"enum": [state.value for state in States]})]
Level = Annotated[str, Field(json_schema_extra={"enum": [level.value for level in LogLevel]})]
ExecutionKind = Literal["NORMAL", "TEST", "PLAYGROUND", "LOOP"]


class StateChange(TypedDict):
    state: StateType
    date: Moment


class State(TypedDict):
    """What something is now, and what it was before; `endDate` is there while it rests."""

    current: StateType
    histories: list[StateChange]
    startDate: Moment
    endDate: NotRequired[Moment]
    duration: str


class TaskRunAttempt(TypedDict):
    state: State
    workerId: NotRequired[str]
    logFile: NotRequired[str]


class TaskRun(TypedDict):
    """One run of a task, without its outputs; `dynamic` is one that a running task has reported of its own work."""

    id: str
    taskId: str
    parentTaskRunId: NotRequired[str]
    value: NotRequired[str]
    iteration: NotRequired[int]
    dynamic: NotRequired[bool]
    attempts: NotRequired[list[TaskRunAttempt]]
    state: State


class OwnedTaskRun(TaskRun):
    executionId: str
    namespace: str
    flowId: str


class ExecutionTrigger(TypedDict):
    """What began it, and what it brought."""

    id: str
    type: str
    variables: NotRequired[dict[str, Any]]


class ExecutionMetadata(TypedDict):
    attemptNumber: int
    originalCreatedDate: Moment


class Breakpoint(TypedDict):
    id: str
    value: NotRequired[str]


class LoopParent(TypedDict):
    """The execution a turn belongs to."""

    id: str


class LoopAround(TypedDict):
    """A turn around another one."""

    index: int
    key: NotRequired[str]
    value: str


class LoopRun(TypedDict):
    """Which turn of which loop an execution of kind LOOP is; `parents` are the turns around it, nearest first."""

    parent: LoopParent

    taskId: str
    taskRunId: str
    index: int
    value: str
    key: NotRequired[str]
    parents: NotRequired[list[LoopAround]]


class ConcurrencyLimit(TypedDict):
    """How many executions of a flow run under its limit, and how many wait for a place."""

    tenantId: str
    namespace: str
    flowId: str
    running: int
    limit: int
    behavior: Literal["QUEUE", "CANCEL", "FAIL"]
    queued: int


class LightExecution(TypedDict):
    """A row of a list."""

    tenantId: str
    id: str
    namespace: str
    flowId: str
    flowRevision: int
    inputs: NotRequired[dict[str, Any]]
    outputs: NotRequired[dict[str, Any]]
    labels: list[Label]
    state: State
    parentId: NotRequired[str]
    originalId: str
    trigger: NotRequired[ExecutionTrigger]
    scheduleDate: NotRequired[Moment]
    kind: NotRequired[ExecutionKind]
    loopRun: NotRequired[LoopRun]


class _WholeExecution(LightExecution):
    variables: NotRequired[dict[str, Any]]
    metadata: ExecutionMetadata
    breakpoints: NotRequired[list[Breakpoint]]
    deleted: bool


class Execution(_WholeExecution):
    """An execution with its task runs."""

    taskRunList: list[TaskRun]


class ExecutionResponse(_WholeExecution):
    """An execution after an act, with the address of its page; its task runs say whose they are.

    The list is empty when the request says `Prefer: return=minimal`.
    """

    taskRunList: list[OwnedTaskRun]
    url: Uri


class TaskCounts(TypedDict):
    """The runs of one task by their states, and the id of the newest."""

    taskId: str
    states: dict[str, int]
    newest: str


class TaskRunCounts(TypedDict):
    total: int
    states: dict[str, int]
    tasks: list[TaskCounts]


class ExecutionOverview(_WholeExecution):
    """An execution with its task runs counted, and with themselves where they are few; `lines` counts its log."""

    taskRunList: NotRequired[list[TaskRun]]
    taskRuns: TaskRunCounts
    lines: int


class ListedTaskRun(TaskRun):
    """`children` says how many stand directly below it."""

    children: int


class StepToTaskRun(TypedDict):
    taskRunId: str
    index: int


class TaskRunWithWay(ListedTaskRun):
    """`way` leads to it from the top: each task run around it, and it, with how many siblings come before."""

    way: list[StepToTaskRun]


class ExecutionStatus(TypedDict):
    """The state of an execution, as those see it who follow only that."""

    executionId: str
    tenantId: str
    namespace: str
    flowId: str
    state: State


class LastExecution(TypedDict):
    id: str
    flowId: str
    namespace: str
    startDate: Moment
    status: StateType


class ActivityCount(TypedDict):
    """Executions that started in one interval and are in one state."""

    start: Moment
    state: StateType
    count: int


class Activity(TypedDict):
    """Executions counted by when they started; empty intervals are left out, and of none there is no begin either."""

    total: int
    begin: NotRequired[Moment]
    interval: NotRequired[Annotated[int, Field(description="the length of an interval in seconds")]]
    counts: list[ActivityCount]


class EvalResult(TypedDict):
    """What an expression comes to, or why it does not."""

    result: NotRequired[str]
    error: NotRequired[str]


class AsyncOperation(TypedDict):
    """Accepted: each execution is acted on in its turn."""

    operationId: str
    totalItems: int


class FailedItem(TypedDict):
    id: str
    message: str


class BulkProgress(TypedDict):
    """How far an act on many executions has come; `failures` are the first ones."""

    operationId: str
    type: str
    state: Literal["RUNNING", "ENDED"]
    totalItems: int
    doneItems: int
    failedItems: int
    failures: list[FailedItem]
    startDate: Moment
    endDate: NotRequired[Moment]


class InputError(TypedDict):
    message: str


class InputAndValue(TypedDict):
    input: Input
    value: NotRequired[Any]
    enabled: bool
    isDefault: bool
    errors: list[InputError]


class CheckFailure(TypedDict):
    message: str
    style: Literal["ERROR", "SUCCESS", "WARNING", "INFO"]
    behavior: Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"]


class ValidatedInputs(TypedDict):
    """What a start would make of the inputs, and the checks of the flow that do not hold with them."""

    id: str
    namespace: str
    inputs: list[InputAndValue]
    checks: list[CheckFailure]


class LogEntry(TypedDict):
    """One line; `seq` counts the lines of an execution without a gap."""

    namespace: str
    flowId: str
    executionId: str
    taskId: NotRequired[str]
    taskRunId: NotRequired[str]
    attemptNumber: NotRequired[int]
    seq: int
    timestamp: Moment
    level: Level
    message: str


class FollowedLine(TypedDict, total=False):
    """A line as a stream tells it; the first and the last event hold none."""

    executionId: str
    taskId: str
    taskRunId: str
    attemptNumber: int
    seq: int
    timestamp: Moment
    level: Level
    message: str


class PagedLogs(TypedDict):
    results: list[LogEntry]
    total: int
    type: Literal["OFFSET"]


class MetricEntry(TypedDict):
    """A figure that a task reported."""

    namespace: str
    flowId: str
    taskId: NotRequired[str]
    executionId: str
    taskRunId: NotRequired[str]
    type: str
    name: str
    value: float
    timestamp: Moment
    tags: NotRequired[dict[str, str]]


class MetricAggregation(TypedDict):
    name: str
    value: NotRequired[float]
    date: Moment


class MetricAggregations(TypedDict):
    groupBy: str
    aggregations: list[MetricAggregation]


class TaskOutputInformation(TypedDict):
    """A task run that has outputs; `inline` says that they are asked for by its id."""

    taskId: str
    taskRunId: str
    value: NotRequired[str]
    iteration: NotRequired[int]
    inline: bool


class FileMetas(TypedDict):
    size: int


class FilePreview(TypedDict):
    """How a file begins: rows, text, or a picture in base64."""

    extension: str
    type: Literal["LIST", "TEXT", "MARKDOWN", "IMAGE"]
    content: Any
    truncated: bool
