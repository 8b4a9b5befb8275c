"""How an execution comes into being: its record, its place under the limit, its first task runs, in one transaction."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.errors import Conflict, Invalid, Violation
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.checks import FailedCheck, blocked, failed_checks, strongest
from executions.engine.records import Execution, TaskRun
from executions.engine.rendering import LIMITS
from executions.engine.start import new_execution
from executions.record.families import Family
from executions.record.flow_source import RunningFlow
from executions.record.lines import Line
from executions.record.rows import Kept
from executions.record.slots import take_slot
from executions.record.transitions import Transition
from executions.starts.held import is_kept_back, wait_until
from flows.expressions import Environment
from plugins.contracts import LogLevel


@dataclass(slots=True)
class Start:
    """Everything about an execution that its flow does not say. `inputs` are resolved already.

    `warnings` are the first lines of its log. With a `failure` it fails at once, for that reason.
    """

    revision: int
    revision_id: str
    tenant: str
    at: datetime
    id: str = field(default_factory=new_id)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    trigger: Mapping[str, Any] | None = None
    parent_id: str | None = None
    parent_task_run_id: str | None = None
    parent_iteration: int | None = None
    original_id: str | None = None
    kind: str | None = None
    breakpoints: Sequence[str] = ()
    schedule_date: datetime | None = None
    attempt_number: int = 1
    original_created_date: datetime | None = None
    warnings: Sequence[str] = ()
    failure: str | None = None


def begin(running: RunningFlow, start: Start, pipeline: Pipeline | None = None) -> Execution:
    """Write the execution and let it begin, now or at its date. Inside the tenant's scope.

    An id that is taken already changes nothing but must not happen twice in one scope; callers that repeat ask first.
    """
    transition = Transition(
        Kept(record_of(running, start), start.revision_id, start.parent_task_run_id, start.parent_iteration, 1, 0),
        running,
        start.at,
        is_new=True,
    )
    transition.add_lines(Line(at=start.at, level=LogLevel.WARN.value, message=text) for text in start.warnings)
    pipeline = pipeline or Pipeline()
    if start.schedule_date is not None and start.schedule_date > start.at:
        wait_until(start.schedule_date, transition.execution, pipeline)
    else:
        failed = start.failure or check(running, transition.execution, start.at)
        if failed is not None or not is_kept_back(transition, pipeline):
            has_slot = failed is not None or _has_slot(running, start)
            transition.fold(lambda at, seed: ev.Created(at=at, seed=seed, has_slot=has_slot, failed_check=failed))
    Family(transition).finish(pipeline)
    return transition.execution


class Blocked(Invalid):
    """A check of the flow does not let the execution begin."""

    code = "blocked_by_check"
    reason = "Illegal argument"


def check(running: RunningFlow, record: Execution, at: datetime) -> str | None:
    """The message of a check that fails the execution. Raises Blocked when one does not let it begin at all."""
    failed = checks_of(running, record, at)
    decisive = strongest(failed)
    if decisive is not None and decisive.behavior == "BLOCK_EXECUTION":
        raise Blocked(blocked(failed), violations=[Violation(each.message, "checks") for each in failed])
    return decisive.message if decisive is not None and decisive.behavior == "FAIL_EXECUTION" else None


def checks_of(running: RunningFlow, record: Execution, at: datetime) -> list[FailedCheck]:
    """The checks of the flow that do not hold."""
    if not running.compiled.flow.checks:
        return []
    environment = Environment(clock=lambda: at, random=random.Random(), limits=LIMITS)
    return failed_checks(running.compiled, record, environment)


def record_of(running: RunningFlow, start: Start) -> Execution:
    record = new_execution(
        running.compiled,
        id=start.id,
        tenant=start.tenant,
        at=start.at,
        inputs=start.inputs,
        labels=start.labels,
        trigger=start.trigger,
        variables=start.variables,
        parent_id=start.parent_id,
        original_id=start.original_id,
        kind=start.kind,
        breakpoints=list(start.breakpoints),
        schedule_date=start.schedule_date,
        attempt_number=start.attempt_number,
        original_created_date=start.original_created_date,
    )
    record.flow_revision = start.revision
    return record


def _has_slot(running: RunningFlow, start: Start) -> bool:
    flow = running.compiled.flow
    if flow.concurrency is None:
        return True
    return take_slot(start.tenant, flow.namespace, flow.id, start.id, flow.concurrency.limit)


@dataclass(frozen=True, slots=True)
class Copy:
    """The records of an execution that is made of another one, and the revision it runs."""

    record: Execution
    task_runs: Sequence[TaskRun]
    revision: int
    revision_id: str
    running: RunningFlow


def begin_copy(copy: Copy, at: datetime) -> Execution:
    """Write a copy and let it go on. It is nobody's child: its original is told nothing of it."""
    copy.record.flow_revision = copy.revision
    transition = Transition(Kept(copy.record, copy.revision_id, None, None, 1, 0), copy.running, at, is_new=True)
    transition.take_over(copy.task_runs)
    flow = copy.running.compiled.flow
    record = copy.record
    pipeline = Pipeline()
    if not is_kept_back(transition, pipeline):
        limit = flow.concurrency.limit if flow.concurrency is not None else 0
        has_slot = not limit or take_slot(record.tenant, record.namespace, record.flow_id, record.id, limit)
        refused = transition.fold(lambda at, seed: ev.Created(at=at, seed=seed, has_slot=has_slot))
        if refused is not None:
            raise WrongStart(refused)
    Family(transition).finish(pipeline)
    return transition.execution


class WrongStart(Conflict):
    """The execution cannot begin."""


def seed() -> int:
    """Chance for an act that makes records."""
    return secrets.randbits(63)
