"""The kill switches that hold now, as everybody is told of them."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.words.clock import now
from governance.in_force.snapshot import snapshot
from governance.kill_switches.shapes import switch_shape
from governance.models import KillSwitch


def facts() -> dict[str, Any]:
    at = now()
    active = [each.id for each in snapshot.current().switches if each.holds_at(at)]
    rows = KillSwitch.objects.filter(id__in=active).order_by("start_date", "id") if active else ()
    return {"killSwitches": [switch_shape(row) for row in rows]}
