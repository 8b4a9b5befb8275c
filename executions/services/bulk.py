"""Acts on many executions: accepted at once, then done one by one as the same actor."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context as ContextVars
from typing import Any

from django.db import OperationalError

from audit.recording.commands import Command, Target, Targets, command
from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.authorization import admit
from control_plane.kernel.permissions import Permission
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import after_commit, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError, Violation
from executions.engine import events as ev
from executions.engine.transition_table import ACCEPTS
from executions.models import BulkOperation
from executions.permissions import EXECUTION
from executions.queries.known import known_namespaces
from executions.record import sql
from executions.record.rows import dumps
from executions.services.acting import (
    change_status,
    force_run,
    kill_execution,
    pause_execution,
    restart_execution,
    resume_execution,
    set_labels,
    unqueue_execution,
)
from executions.services.repeating import replay_execution
from plugins.contracts import State

logger = logging.getLogger(__name__)

MOST = 100_000
MOST_REASONS = 100

Act = Callable[[Context, str, Mapping[str, Any]], object]


def _plain(act: Command[Any, Any]) -> Act:
    return lambda ctx, execution_id, arguments: act(ctx, execution_id=execution_id)


_ACTS: dict[str, tuple[Permission, Act]] = {
    "kill": (EXECUTION.KILL, _plain(kill_execution)),
    "pause": (EXECUTION.PAUSE, _plain(pause_execution)),
    "resume": (EXECUTION.RESUME, _plain(resume_execution)),
    "restart": (EXECUTION.RESTART, _plain(restart_execution)),
    "force-run": (EXECUTION.FORCE_RUN, _plain(force_run)),
    "replay": (
        EXECUTION.REPLAY,
        lambda ctx, execution_id, arguments: replay_execution(
            ctx, execution_id=execution_id, is_latest=bool(arguments.get("latestRevision"))
        ),
    ),
    "unqueue": (
        EXECUTION.UNQUEUE,
        lambda ctx, execution_id, arguments: unqueue_execution(
            ctx, execution_id=execution_id, state=State(arguments["state"])
        ),
    ),
    "change-status": (
        EXECUTION.UPDATE,
        lambda ctx, execution_id, arguments: change_status(
            ctx, execution_id=execution_id, state=State(arguments["state"])
        ),
    ),
    "labels": (
        EXECUTION.CHANGE_LABELS,
        lambda ctx, execution_id, arguments: set_labels(ctx, execution_id=execution_id, labels=arguments["labels"]),
    ),
}
VERBS = frozenset(_ACTS)


_EVENTS: dict[str, type[ev.Event]] = {
    "pause": ev.PauseRequested,
    "resume": ev.ResumeRequested,
    "restart": ev.RestartRequested,
    "force-run": ev.RunForced,
    "unqueue": ev.Unqueued,
    "change-status": ev.StatusForced,
}
AT_THE_START = 10
"""Items that are done with the request itself, so that an act on few is as quick as on one."""


def states_for(verb: str) -> frozenset[State]:
    """The states in which the act can do something. The engine may still refuse for what the state does not show."""
    if verb == "kill":
        return frozenset(state for state in State if not state.is_terminal)
    if verb == "labels":
        return frozenset(state for state in State if state.is_terminal)
    states = ACCEPTS[_EVENTS[verb]] if verb in _EVENTS else frozenset(State)
    if verb == "resume":
        return frozenset({State.PAUSED})
    return states - {State.SUCCESS} if verb == "restart" else states


class BadItems(BadParameter):
    """Some of the executions do not exist, or are not in a state for this."""

    code = "bad_items"


def permission_of(verb: str) -> Permission:
    return _ACTS[verb][0]


def named_executions(ctx: Context, *, verb: str, execution_ids: Sequence[str]) -> Targets:
    """Each with its namespace, asking for the verb's own right. One that is unknown refuses them all."""
    right = permission_of(verb)
    admit(ctx, right)
    known = known_namespaces(ctx, right, execution_ids)
    missing = [each for each in execution_ids if each not in known]
    if missing:
        raise _bad(dict.fromkeys(missing, "not found"), f"{len(missing)} of the executions were not found")
    namespaces = dict.fromkeys(known.values())
    return Targets([Target(namespace, namespace, permission=right) for namespace in namespaces], right)


@command(EXECUTION.UPDATE, on=named_executions)
def act_on_many(
    ctx: Context, *, verb: str, execution_ids: Sequence[str], arguments: Mapping[str, Any] | None = None
) -> BulkOperation:
    """Accept an act on these executions; it is carried out in the background, each one checked again."""
    if len(execution_ids) > MOST:
        raise BadParameter(f"at most {MOST} executions at once")
    _refuse_wrong_states(verb, execution_ids)
    operation = BulkOperation.objects.create(
        verb=verb,
        actor=_kept(ctx.actor),
        execution_ids=list(execution_ids),
        arguments=dict(arguments or {}),
        total=len(execution_ids),
        created_at=now(),
        ended_at=None if execution_ids else now(),
    )
    ctx.record("EXECUTION", operation.id, after={"verb": verb, "total": operation.total})
    after_commit(lambda: _begin(operation.tenant_id, operation.id))
    return operation


def _refuse_wrong_states(verb: str, execution_ids: Sequence[str]) -> None:
    """Nothing is begun when one of them is in no state for it."""
    pipeline, fitting = Pipeline(), states_for(verb)
    place = pipeline.add(sql.STATES_OF, [list(execution_ids)])
    wrong = {each: f"is {state}" for each, state in pipeline.run()[place] if State(state) not in fitting}
    if wrong:
        raise _bad(wrong, f"{len(wrong)} of the executions are not in a state to {verb}")


def _bad(items: Mapping[str, str], message: str) -> BadItems:
    told = dict(list(items.items())[:MOST_REASONS])
    violations = [Violation(reason, execution_id) for execution_id, reason in told.items()]
    return BadItems(message, violations=violations, invalids=told)


def _begin(tenant: str, operation_id: str) -> None:
    """What is left, and what fails for a while, is carried on in the background.

    In a context of its own: the command that accepted the act is over, and each item is one.
    """
    try:
        ContextVars().run(carry_on_with, tenant, operation_id, AT_THE_START)
    except Exception:
        logger.warning("operation %s: will go on later", operation_id, exc_info=True)


def carry_on_with(tenant: str, operation_id: str, at_once: int) -> bool:
    """Do some of an operation, each item in one transaction with its being counted; whether some are left.

    So an item is done once, whoever dies or does the same at the same time; what one refuses, or fails at, is kept
    beside the others' success and stops none of them.
    """
    with tenant_scope(tenant):
        operation = BulkOperation.objects.defer("execution_ids").get(pk=operation_id)
        pipeline = Pipeline()
        place = pipeline.add(sql.ITEMS_OF_OPERATION, [operation.done, operation.done + at_once, operation_id])
        part = [execution_id for (execution_id,) in pipeline.run()[place]]
    for number, execution_id in enumerate(part, operation.done):
        if not _do_one(operation, number, execution_id):
            return False
    return operation.done + len(part) < operation.total


def _do_one(operation: BulkOperation, number: int, execution_id: str) -> bool:
    """False when somebody else is at it."""
    reason: str | None = None
    try:
        with tenant_scope(operation.tenant_id):
            if not _is_next(operation, number):
                return False
            ctx = Context(_actor(operation.actor), operation.tenant_id, request_id=operation.id)
            _ACTS[operation.verb][1](ctx, execution_id, operation.arguments)
            _count(operation)
    except ControlPlaneError as error:
        reason = error.message
    except OperationalError:
        raise  # the database is away, or took somebody else's side: later
    except Exception:
        logger.exception("%s of execution %s failed", operation.verb, execution_id)
        reason = "an internal error"
    if reason is not None:
        with tenant_scope(operation.tenant_id):
            if not _is_next(operation, number):
                return False
            _count(operation, {execution_id: reason})
    return True


def _is_next(operation: BulkOperation, number: int) -> bool:
    """Whether this item is due, and nobody else is at the operation: it is held until the end of the transaction."""
    pipeline = Pipeline()
    place = pipeline.add(sql.HOLD_OPERATION, [operation.pk])
    return pipeline.run()[place] == [(number,)]


def _count(operation: BulkOperation, failure: Mapping[str, str] | None = None) -> None:
    pipeline = Pipeline()
    pipeline.add(sql.COUNT_ITEM, [MOST_REASONS, dumps(failure or {}), int(bool(failure)), operation.pk])
    pipeline.run()


def is_by(operation: BulkOperation, actor: Actor) -> bool:
    """Whether this is who asked for it."""
    return operation.actor.get("kind") == actor.kind.value and operation.actor.get("id") == actor.id


def _kept(actor: Actor) -> dict[str, Any]:
    return {
        "kind": actor.kind.value,
        "id": actor.id,
        "name": actor.name,
        "isSuperadmin": actor.is_superadmin,
        "home": actor.home,
    }


def _actor(kept: Mapping[str, Any]) -> Actor:
    return Actor(
        ActorKind(kept["kind"]), kept["id"], kept["name"], is_superadmin=kept["isSuperadmin"], home=kept["home"]
    )
