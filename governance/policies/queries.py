"""The policies that apply to a namespace: its whole chain of scopes, the outermost first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import authorizer, visible_to
from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_or_none
from control_plane.kernel.snapshots import Snapshot
from control_plane.kernel.words.errors import NotFound
from governance.models import InstancePolicy, Policy
from governance.permissions import POLICY
from governance.policies import rules
from tenants.namespaces.names import lineage

STATIC, INSTANCE, TENANT, NAMESPACE = "STATIC", "INSTANCE", "TENANT", "NAMESPACE"
STATIC_KEY = "plugins"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and the scope it is of."""

    row: InstancePolicy | Policy
    scope: str

    @property
    def policy(self) -> rules.Policy:
        row = self.row
        return rules.Policy(
            id=row.key,
            scope=self.scope,
            enforcement=row.enforcement,
            rules=rules.read_rules(row.rules),
            namespace=getattr(row, "namespace", ""),
            tenants=tuple(row.target.get("tenants") or ()),
            namespaces=tuple(row.target.get("namespaces") or ()),
        )


def static_policies() -> list[Placed]:
    """What the configuration says of plugins, as a policy that nobody can change."""
    known = config().plugins
    said = [("Allow", known.allowed), ("Deny", known.denied)]
    written = [
        {"type": f"orrery.policies.{name}", "on": "PLUGIN", "values": list(patterns)}
        for name, patterns in said
        if patterns
    ]
    if not written:
        return []
    told = "Which plugins the configuration of this instance allows"
    return [Placed(InstancePolicy(key=STATIC_KEY, display_name="Plugins", description=told, rules=written), STATIC)]


def instance_policies() -> list[Placed]:
    return [*static_policies(), *(Placed(row, INSTANCE) for row in InstancePolicy.objects.order_by("key"))]


def _read_instance_policies() -> tuple[Placed, ...]:
    with nullcontext() if tenant_or_none() is not None else instance_scope():
        return tuple(instance_policies())


snapshot: Snapshot[tuple[Placed, ...]] = Snapshot(_read_instance_policies, ())
"""Those of the instance, which every start of every tenant asks about."""


def static_policy(key: str) -> InstancePolicy:
    for placed in static_policies():
        if placed.row.key == key and isinstance(placed.row, InstancePolicy):
            return placed.row
    raise NotFound(f"Policy '{key}' was not found")


def instance_policy(key: str) -> InstancePolicy:
    found = InstancePolicy.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"Policy '{key}' was not found")
    return found


def policy(namespace: str, key: str) -> Policy:
    """One of a namespace, or of the tenant itself where none is named."""
    found = Policy.objects.filter(namespace=namespace, key=key).first()
    if found is None:
        raise NotFound(f"Policy '{key}' was not found")
    return found


def policies_of(namespace: str) -> QuerySet[Policy]:
    return Policy.objects.filter(namespace=namespace).order_by("key")


def chain(tenant: str, namespace: str, above: Iterable[Placed]) -> Iterator[Placed]:
    """In the tenant's scope, below those of the instance. Those that are switched off are in it too."""
    rows = Policy.objects.filter(namespace__in=["", *lineage(namespace)])
    inner = sorted(rows, key=lambda row: (len(row.namespace), row.key))
    for placed in (*above, *(Placed(row, NAMESPACE if row.namespace else TENANT) for row in inner)):
        if reaches(placed, tenant, namespace):
            yield placed


def reaches(placed: Placed, tenant: str, namespace: str) -> bool:
    row = placed.row
    tenants, namespaces = row.target.get("tenants"), row.target.get("namespaces")
    if tenants and tenant not in tenants:
        return False
    return not namespaces or any(namespace == each or namespace.startswith(f"{each}.") for each in namespaces)


def visible(ctx: Context) -> list[Placed]:
    """What concerns the namespaces that somebody may look into: the policies above them, those on them and below."""
    tenant = ctx.tenant_id or ""
    above = [
        each
        for each in instance_policies()
        if not each.row.target.get("tenants") or tenant in each.row.target["tenants"]
    ]
    whole = [Placed(row, TENANT) for row in policies_of("")]
    rows = Policy.objects.exclude(namespace="").filter(_around(ctx)).order_by("namespace", "key")
    return [*above, *whole, *(Placed(row, NAMESPACE) for row in rows)]


def _around(ctx: Context) -> Q:
    seen = authorizer().namespaces(ctx, POLICY.LIST)
    if seen is None:
        return Q()
    parents = {parent for namespace in seen for parent in lineage(namespace)}
    return visible_to(ctx, POLICY.LIST) | Q(namespace__in=parents)
