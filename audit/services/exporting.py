"""Tell the trail of the instance that the trails of all tenants were exported."""

from __future__ import annotations

from audit.permissions import AUDITLOG
from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN


@command(SUPERADMIN, instance=True, action=Action.READ)
def tell_export_of_all(ctx: Context, *, form: str, asked: str) -> None:
    """`asked` is the query by which it was narrowed."""
    ctx.record(AUDITLOG.name, "", exported=form, filters=asked[:2000])
