"""What one policy would make of every flow in its reach, before anybody enforces it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import Q

from control_plane.kernel.api.pages import Page
from control_plane.kernel.scope import tenant_or_none, tenant_scope
from flows.queries import living_flows
from governance.policies.applying import apply
from governance.policies.enforcing import names_of
from governance.policies.queries import Placed
from governance.policies.rules import Policy
from governance.policies.shapes import outcome_shape
from tenants.models import Tenant

Json = dict[str, Any]


def evaluate(placed: Placed, page: Page) -> Json:
    """However it is enforced now. Only the flows of one page are kept while all are counted."""
    policy = placed.policy
    if policy.enforcement != "REFERENCE":
        policy = replace(policy, enforcement="ACTIVE")
    counts = {"scanned": 0, "mutated": 0, "violating": 0, "conflicting": 0}
    results: list[Json] = []
    total = 0
    for namespace, flow_id, document in _flows(policy):
        outcome = apply(document, [policy], names_of)
        counts["scanned"] += 1
        counts["mutated"] += bool(outcome.mutations)
        counts["violating"] += bool(outcome.objections)
        counts["conflicting"] += bool(outcome.conflicts)
        if outcome.mutations or outcome.objections or outcome.conflicts:
            if page.start <= total < page.stop:
                resource = {"kind": "flow", "namespace": namespace, "id": flow_id}
                results.append({"resource": resource, **outcome_shape(outcome)})
            total += 1
    return {"counts": counts, "total": total, "results": results}


def _flows(policy: Policy) -> Iterator[tuple[str, str, Any]]:
    """In the open tenant's scope; in the instance's, of every tenant it reaches."""
    if tenant_or_none() is not None:
        yield from _flows_here(policy)
        return
    tenants = Tenant.objects.order_by("id").values_list("id", flat=True)
    for tenant in policy.tenants or list(tenants):
        with tenant_scope(tenant):
            found = list(_flows_here(policy))
        yield from found


def _flows_here(policy: Policy) -> Iterator[tuple[str, str, Any]]:
    rows = living_flows().order_by("namespace", "flow_id")
    roots = [policy.namespace] if policy.namespace else list(policy.namespaces)
    if roots:
        within = Q()
        for root in roots:
            within |= Q(namespace=root) | Q(namespace__startswith=f"{root}.")
        rows = rows.filter(within)
    yield from rows.values_list("namespace", "flow_id", "document").iterator(chunk_size=500)
