"""Tell the trail that it was exported: by whom, in which form, and what of it."""

from __future__ import annotations

from audit.permissions import AUDITLOG
from audit.recording.commands import Targets, command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN


def _anywhere(ctx: Context) -> Targets:
    """Whoever may export in one namespace exports what is in it."""
    return Targets([], AUDITLOG.EXPORT)


@command(AUDITLOG.EXPORT, on=_anywhere, action=Action.READ)
def tell_export(ctx: Context, *, form: str, asked: str) -> None:
    """`asked` is the query by which it was narrowed."""
    ctx.record(AUDITLOG.name, "", exported=form, filters=asked[:2000])


@command(SUPERADMIN, instance=True, action=Action.READ)
def tell_export_of_all(ctx: Context, *, form: str, asked: str) -> None:
    """The same of the trails of all tenants."""
    ctx.record(AUDITLOG.name, "", exported=form, filters=asked[:2000])
