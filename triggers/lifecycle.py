"""What the coming and going of flows and tenants means for triggers."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from tenants.hooks import on_purge
from triggers.models import Change, Fire, FlowWindow, Trigger


def register() -> None:
    """Called once, when the app is ready."""
    on_purge(remove_triggers)


def remove_triggers(ctx: Context) -> None:
    for model in (Change, FlowWindow, Fire, Trigger):
        model.objects.all().delete()
