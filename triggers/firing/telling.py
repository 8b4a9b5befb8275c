"""The trail is told which trigger has started an execution, in the transaction of the start."""

from __future__ import annotations

from typing import Any

from audit.recording.trail import Action, append
from control_plane.kernel.actor import Actor, ActorKind, Change, Context
from executions.engine.records import Execution
from executions.permissions import EXECUTION

_LONGEST_ID, _LONGEST_NAME = 64, 255


def tell_start(execution: Execution, **detail: Any) -> None:
    """Where it cannot be told, nothing starts. What the trigger brought is not told: it may be anything."""
    trigger = execution.trigger or {}
    flow, name = f"{execution.namespace}.{execution.flow_id}", str(trigger.get("id", ""))
    actor = Actor(ActorKind.TRIGGER, id=name[:_LONGEST_ID], name=f"{flow}/{name}"[:_LONGEST_NAME])
    after = {"id": execution.id, "flowId": execution.flow_id, "revision": execution.flow_revision}
    known = {"triggerId": name, "triggerType": trigger.get("type")}
    change = Change(EXECUTION.name, execution.id, execution.namespace, None, after, {**detail, **known})
    ctx = Context(actor, tenant_id=execution.tenant)
    append(ctx, [change], action=Action.CREATE, by="triggers.firing.start_execution")
