"""Which flows somebody may see or act on."""

from __future__ import annotations

from django.db.models import QuerySet

from control_plane.kernel.actor import Context
from control_plane.kernel.judge import visible_to
from control_plane.kernel.permissions import Permission
from flows.models import Flow
from flows.permissions import FLOW
from flows.queries import living_flows


def visible_flows(ctx: Context, permission: Permission = FLOW.LIST) -> QuerySet[Flow]:
    """Flows that are not deleted, in the namespaces where this is allowed."""
    return living_flows().filter(visible_to(ctx, permission))
