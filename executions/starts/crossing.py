"""A flow as somebody who acts: what it may start and see beyond its own namespace is what `iam.access` lets it."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.permissions import Permission
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Forbidden, NotFound
from executions.permissions import EXECUTION
from iam.authorization.jobs import job_actor


class MayNotCross(Forbidden):
    """The namespace does not let flows of another one in."""

    code = "may_not_cross"


def flow_context(
    namespace: str, flow_id: str, execution_id: str = "", task_id: str = "", task_run_id: str = ""
) -> Context:
    """As whom a running flow acts, in the tenant whose scope is open."""
    tenant = current_tenant()
    return Context(job_actor(tenant, namespace, flow_id, execution_id, task_id, task_run_id), tenant)


def require_start(namespace: str, target: str) -> None:
    """Raises MayNotCross unless flows of the namespace may start those of the target: its own, those of namespaces
    below it, and of those that let it in. For subflows, ForEachItem and flow triggers."""
    _require(namespace, target, EXECUTION.CREATE, "started")


def require_sight(namespace: str, target: str) -> None:
    """The same for what executions of the target bring, where these do not declare it themselves."""
    _require(namespace, target, EXECUTION.ACCESS_OUTPUTS, "looked into")


def _require(namespace: str, target: str, permission: Permission, what: str) -> None:
    try:
        require(flow_context(namespace, ""), permission, target)
    except (Forbidden, NotFound):
        raise MayNotCross(
            f"flows of namespace '{target}' may not be {what} from namespace '{namespace}': "
            "it is none of its children, nor does it allow it"
        ) from None
