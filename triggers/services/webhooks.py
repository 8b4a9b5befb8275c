"""A request from outside starts an execution."""

from __future__ import annotations

from dataclasses import dataclass

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import PUBLIC
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Invalid, Violation
from control_plane.kernel.words.ids import new_id
from executions.engine.records import Execution
from executions.permissions import EXECUTION
from flows.expressions import ExpressionError
from plugins.contracts import PluginError
from plugins.triggers.webhook import Webhook
from stores.storage.keys import execution_prefix
from triggers.firing.launching import Launch, begun, inputs_of
from triggers.models import Trigger
from triggers.webhooks.matching import Addressed, addressed
from triggers.webhooks.requests import Brought


class WebhookDisabled(Conflict):
    """The flow or its webhook is disabled."""

    code = "webhook_disabled"


class Undecided(Invalid):
    """A condition of the webhook cannot be decided for this request, or its inputs cannot be made of it."""

    code = "webhook_undecided"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request came to; no execution when a condition of the webhook does not hold."""

    webhook: Webhook
    execution: Execution | None


def webhook_of(ctx: Context, *, namespace: str, flow_id: str, key: str) -> Target:
    """Who bears the key needs no other right."""
    return Target(addressed(namespace, flow_id, key, now()), namespace)


@command(PUBLIC, on=webhook_of)
def take_webhook(ctx: Context, *, namespace: str, flow_id: str, key: str, brought: Brought) -> Answered:
    """Raises NotFound for a wrong key, WebhookDisabled, and Undecided."""
    found = ctx.target_as(Addressed)
    if found.row.is_off or found.row.is_disabled:
        raise WebhookDisabled(f"Flow '{namespace}.{flow_id}' or its webhook is disabled")
    at, execution_id = now(), new_id()
    prefix = execution_prefix(current_tenant(), namespace, flow_id, execution_id)
    variables = brought.variables(found.webhook, prefix)
    row = found.row
    launch = Launch(
        found.running, row.revision, row.revision_id, found.webhook, found.facts, at, variables, id=execution_id
    )
    try:
        if not _is_wanted(found, launch):
            return Answered(found.webhook, None)
    except Undecided as error:
        if not found.webhook.fail_on_trigger_error:
            raise
        launch = launch.failing(error.violations[0].message)
    execution = begun(launch)
    _remember(row)
    after = {"id": execution.id, "flowId": flow_id, "revision": row.revision}
    ctx.record(EXECUTION.name, execution.id, namespace=namespace, after=after, triggerId=row.trigger_id)
    return Answered(found.webhook, execution)


def _is_wanted(found: Addressed, launch: Launch) -> bool:
    """Whether the conditions hold. Raises Undecided, also when the inputs cannot be made of the request."""
    try:
        if not found.webhook.accepts(launch.variables, found.facts):
            return False
    except PluginError as error:
        raise Undecided(violations=[Violation(str(error), "conditions")]) from None
    try:
        inputs_of(launch)
    except ExpressionError as error:
        raise Undecided(violations=[Violation(error.message, "inputs")]) from None
    return True


def _remember(row: Trigger) -> None:
    """When it was asked last. Many requests at once do not wait for each other to write it."""
    at = now()
    held = Trigger.objects.select_for_update(skip_locked=True).filter(pk=row.pk).only("pk").first()
    if held is not None:
        Trigger.objects.filter(pk=row.pk).update(fired_at=at, evaluated_at=at)
