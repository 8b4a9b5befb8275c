"""Which executions somebody may know of."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import is_hidden
from control_plane.kernel.permissions import Permission
from control_plane.kernel.pipeline import Pipeline
from executions.record import sql


def known_namespaces(ctx: Context, right: Permission, execution_ids: Sequence[str]) -> dict[str, str]:
    """Of those that exist, as far as the actor may know; one parameter however many there are."""
    pipeline = Pipeline()
    place = pipeline.add(sql.NAMESPACES_OF, [list(execution_ids)])
    found: dict[str, str] = dict(pipeline.run()[place])
    hidden = {namespace for namespace in set(found.values()) if is_hidden(ctx, right, namespace)}
    return {each: namespace for each, namespace in found.items() if namespace not in hidden}
