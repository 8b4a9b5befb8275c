"""What places in groups give: the roles bound to each, and where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from iam.authorization.roles import permissions_of
from iam.models import Binding, Group


def rights_of_groups(names: Iterable[str]) -> list[dict[str, Any]]:
    """For each group of the open tenant by its name, one that is not there yet included."""
    wanted = sorted(set(names))
    groups = {group.name: group for group in Group.objects.filter(name__in=wanted)}
    bindings: dict[str, list[dict[str, Any]]] = {}
    found = Binding.objects.filter(group_id__in=[group.id for group in groups.values()]).select_related("role")
    for binding in found.order_by("role__name", "namespace"):
        shown = without_nulls(
            name=binding.role.name, namespace=binding.namespace, permissions=permissions_of(binding.role)
        )
        bindings.setdefault(binding.group_id or "", []).append(shown)
    return [
        {
            "name": name,
            "id": groups[name].id if name in groups else "",
            "exists": name in groups,
            "roles": bindings.get(groups[name].id, []) if name in groups else [],
        }
        for name in wanted
    ]
