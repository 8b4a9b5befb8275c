"""Triggers as the API's description names them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from control_plane.kernel.api.answers import Label, Moment, Uri
from executions.api.answers import ExecutionTrigger, State, StateType


class Backfill(TypedDict):
    """Past dates that are run again; `currentDate` is the one to be run next."""

    start: Moment
    end: Moment
    currentDate: Moment
    paused: bool
    inputs: dict[str, Any]
    labels: list[Label]
    previousNextExecutionDate: NotRequired[Moment]


# The word `from` is no name in Python.
Recovered = TypedDict(
    "Recovered",
    {"from": Moment, "until": Moment, "missed": int, "madeUpFor": int},
)


class Said(TypedDict):
    """A line of a worker that looks at a trigger."""

    at: Moment
    level: str
    message: str


class ApiTriggerState(TypedDict):
    """How a trigger stands. `problem` says why it does not fire, `recovered` what became of dates that were missed.

    `evaluationId` is there while a worker looks at it or listens for it, `said` what the last one had to say.
    """

    namespace: str
    flowId: str
    triggerId: str
    type: str
    kind: NotRequired[Literal["SCHEDULE", "POLLING", "REALTIME"]]
    updatedAt: Moment
    evaluatedAt: NotRequired[Moment]
    nextEvaluationDate: NotRequired[Moment]
    lastTriggeredDate: NotRequired[Moment]
    backfill: NotRequired[Backfill]
    stopAfter: list[StateType]
    disabled: bool
    disabledInFlow: bool
    locked: bool
    executionId: NotRequired[str]
    evaluationId: NotRequired[str]
    problem: NotRequired[str]
    said: NotRequired[list[Said]]
    recovered: NotRequired[Recovered]


class ApiTriggerAndState(TypedDict):
    """A trigger as its author wrote it, and how it stands."""

    trigger: dict[str, Any]
    state: ApiTriggerState


class WebhookResponse(TypedDict):
    """What a request from outside has started; `outputs` where the webhook waits for the end and gives them."""

    tenantId: str
    id: str
    namespace: str
    flowId: str
    flowRevision: int
    trigger: ExecutionTrigger
    outputs: NotRequired[dict[str, Any]]
    labels: list[Label]
    state: State
    url: Uri
