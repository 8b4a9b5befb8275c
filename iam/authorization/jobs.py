"""What a running flow may do: the one rule, asked through `iam.access` as that of people is.

A job acts as the namespace of its flow. It writes and sees executions there and below; of the namespaces above it reads
what it inherits; elsewhere it may what it may at home, where the settings of the namespace let its own in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from control_plane.kernel.actor import Actor, ActorKind
from control_plane.kernel.config import config
from iam.authorization.catalogue import ACTIONS
from iam.authorization.grants import Grants, covers
from tenants.namespaces.inheritance import lineage
from tenants.queries import namespace_settings

ANYBODY = "*"
"""Among the allowed namespaces: every one of the tenant."""

_MAY: Mapping[str, tuple[str, ...]] = {
    "FLOW": ("VIEW", "LIST", "DELETE"),
    "EXECUTION": ACTIONS["EXECUTION"],
    "TRIGGER": ACTIONS["TRIGGER"],
    "KVSTORE": ACTIONS["KVSTORE"],
    "NAMESPACE_FILE": ACTIONS["NAMESPACE_FILE"],
    "REUSABLE_INPUTS": ("VIEW", "LIST"),
    "SECRET": ("VIEW", "LIST"),
    "CREDENTIAL": ("VIEW", "LIST", "USE"),
}
_INHERITS: Mapping[str, tuple[str, ...]] = {
    "KVSTORE": ("VIEW", "LIST"),
    "NAMESPACE_FILE": ("VIEW", "LIST"),
    "REUSABLE_INPUTS": ("VIEW", "LIST"),
    "SECRET": ("VIEW", "LIST"),
    "CREDENTIAL": ("VIEW", "LIST", "USE"),
}


def job_actor(
    tenant: str, namespace: str, flow_id: str, execution_id: str, task_id: str = "", task_run_id: str = ""
) -> Actor:
    """Who acts when a flow does; the trail names the execution and the task."""
    name = f"{namespace}.{flow_id}" + (f"/{task_id}" if task_id else "")
    return Actor(ActorKind.JOB, execution_id, name[:255], home=tenant, credential=task_run_id, namespace=namespace)


def grants_of_job(namespace: str) -> Grants:
    """What jobs of a flow of this namespace may do without anybody's leave."""
    return _grants_of_job(namespace, any(covers(each, namespace) for each in config().audit.purging_namespaces))


@lru_cache(maxsize=4096)
def _grants_of_job(namespace: str, may_purge_trail: bool) -> Grants:
    parents = tuple(lineage(namespace)[1:])
    return Grants(
        is_member=True,
        everywhere=frozenset({("AUDITLOG", "DELETE")} if may_purge_trail else ()),
        within=_in(_MAY, (namespace,)),
        exactly=_in(_INHERITS, parents) if parents else {},
    )


def _in(
    permissions: Mapping[str, tuple[str, ...]], namespaces: tuple[str, ...]
) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(resource, action): namespaces for resource, actions in permissions.items() for action in actions}


def lets_in(namespace: str, other: str) -> bool:
    """Whether the settings of a namespace allow flows of another one to use what is in it. Within the tenant's scope.

    The nearest namespace that says anything decides. Nobody is let in where none does.
    """
    for settings in reversed(namespace_settings(namespace)):
        allowed = settings.settings.get("allowedNamespaces")
        if isinstance(allowed, list):
            return any(_allows(each, other) for each in allowed)
    return False


def _allows(each: Any, other: str) -> bool:
    name = each.get("namespace") if isinstance(each, dict) else each
    return isinstance(name, str) and (name == ANYBODY or covers(name, other))
