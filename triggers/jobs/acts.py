"""What a running task does to triggers: the commands of people, done as the job."""

from __future__ import annotations

from triggers.services.acting import act_on_trigger
from triggers.services.targets import Name
from workers.queue.kinds import Place


def toggle(
    place: Place, *, trigger: str, enabled: bool, namespace: str | None = None, flow_id: str | None = None
) -> None:
    """Switch a trigger on or off: of another flow, or of the running one."""
    name = Name(namespace or place.namespace, flow_id or place.flow_id, trigger)
    act_on_trigger(place.ctx, verb="enable" if enabled else "disable", name=name)
