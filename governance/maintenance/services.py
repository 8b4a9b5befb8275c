"""Entering and leaving maintenance. While it lasts nothing new begins, and workers end what they have in hand."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.clock import iso, now
from governance.in_force.snapshot import snapshot
from governance.models import Maintenance
from governance.permissions import INSTANCE

MAINTENANCE = "maintenance"


@command(INSTANCE.UPDATE, instance=True)
def enter_maintenance(ctx: Context) -> None:
    """Starts are accepted and written, and begin afterwards. Entering twice changes nothing."""
    entered, is_new = Maintenance.objects.get_or_create(
        id=1, defaults={"entered_at": now(), "entered_by": ctx.actor.name}
    )
    if is_new:
        ctx.record(INSTANCE.name, MAINTENANCE, before={MAINTENANCE: False}, after=_shape(entered))
        after_commit(snapshot.forget)


@command(INSTANCE.UPDATE, instance=True)
def exit_maintenance(ctx: Context) -> None:
    """What was held begins, oldest first. Leaving what nobody entered changes nothing."""
    entered = Maintenance.objects.select_for_update().filter(id=1).first()
    if entered is not None:
        entered.delete()
        ctx.record(INSTANCE.name, MAINTENANCE, before=_shape(entered), after={MAINTENANCE: False})
        after_commit(snapshot.forget)


def _shape(entered: Maintenance) -> dict[str, object]:
    return {MAINTENANCE: True, "since": iso(entered.entered_at), "by": entered.entered_by}
