"""Acts on many executions: accepted at once, then done one by one as the same actor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from audit.commands import Command, Target, command
from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError
from executions.models import BulkOperation, Execution
from executions.permissions import EXECUTION
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

MOST = 100_000

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


class BadItems(BadParameter):
    """Some of the executions do not exist."""

    code = "bad_items"


def permission_of(verb: str) -> Permission:
    return _ACTS[verb][0]


def named_executions(ctx: Context, *, verb: str, execution_ids: Sequence[str]) -> list[Target]:
    """Each with its namespace. One that is unknown refuses them all."""
    known = dict(Execution.objects.filter(pk__in=execution_ids).values_list("pk", "namespace"))
    missing = [each for each in execution_ids if each not in known]
    if missing:
        raise BadItems(f"{len(missing)} of the executions were not found", invalids=missing[:100])
    namespaces = dict.fromkeys(known.values())
    return [Target(namespace, namespace, permission=permission_of(verb)) for namespace in namespaces]


@command(EXECUTION.UPDATE, on=named_executions)
def act_on_many(
    ctx: Context, *, verb: str, execution_ids: Sequence[str], arguments: Mapping[str, Any] | None = None
) -> BulkOperation:
    """Accept an act on these executions; it is carried out in the background, each one checked again."""
    if len(execution_ids) > MOST:
        raise BadParameter(f"at most {MOST} executions at once")
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
    return operation


def act_on_one(operation: BulkOperation, execution_id: str) -> str | None:
    """One of them, as a command of its own; why it was refused, if it was."""
    ctx = Context(_actor(operation.actor), operation.tenant_id, request_id=operation.id)
    try:
        _ACTS[operation.verb][1](ctx, execution_id, operation.arguments)
    except ControlPlaneError as error:
        return error.message
    return None


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
