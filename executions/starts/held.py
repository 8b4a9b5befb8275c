"""Executions that do not begin yet: until their date, or until an operator lets them."""

from __future__ import annotations

from datetime import UTC, datetime

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.records import Execution
from executions.hooks import Verdict, start_gate
from executions.record import sql
from executions.record.lines import Line
from executions.record.transitions import Transition
from plugins.contracts import LogLevel, State

BEGIN = "begin"
"""The timer of an execution that waits for its date."""
HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""The date of those that wait until they are released."""


def wait_until(date: datetime, record: Execution, pipeline: Pipeline) -> None:
    pipeline.add(sql.SET_TIMER, [new_id(), record.tenant, record.id, BEGIN, date])


def is_kept_back(transition: Transition, pipeline: Pipeline, *, is_again: bool = False) -> bool:
    """Whether an operator lets it not begin now: then it is held, or has ended. To be written by the caller.

    `is_again`: it was held before, and its log says so.
    """
    verdict = _refusal(transition) or start_gate.verdict(transition.execution, transition.flow.flow)
    if verdict is None:
        return False
    if verdict.ends_as is not None:
        transition.execution.labels.update(verdict.labels)
        transition.fold(lambda at, seed: ev.Created(at=at, seed=seed, stopped_as=verdict.ends_as))
    else:
        wait_until(HELD, transition.execution, pipeline)
    if verdict.ends_as is not None or not is_again:
        transition.add_lines([Line(at=transition.at, level=LogLevel.WARN.value, message=verdict.reason)])
    return True


def _refusal(transition: Transition) -> Verdict | None:
    """What is laid over its flow may not let it run."""
    reason = transition.running.refusal
    return Verdict(reason, State.FAILED) if reason is not None else None


def release_all() -> None:
    """Let all that is held begin, in every tenant; each is judged again, so what is still to be held stays so."""
    pipeline = Pipeline()
    with across_tenants("tenants in which something is held"):
        place = pipeline.add(sql.HOLDING_TENANTS, [BEGIN, HELD])
        found = pipeline.run()[place]
    for (tenant,) in found:
        with tenant_scope(tenant):
            pipeline = Pipeline()
            pipeline.add(sql.RELEASE_HELD, [BEGIN, HELD])
            pipeline.run()
