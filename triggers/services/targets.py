"""How commands name one trigger or many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from audit.recording.commands import Target
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import is_hidden
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import BadParameter, NotFound, Violation
from triggers.models import Trigger

MOST = 10_000
_MOST_TOLD = 100
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, order=True)
class Name:
    namespace: str
    flow_id: str
    trigger_id: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.flow_id}.{self.trigger_id}"


class UnknownTriggers(BadParameter):
    """Some of the triggers do not exist."""

    code = "unknown_triggers"


def named_trigger(ctx: Context, *, name: Name) -> Target:
    """To be changed, locked."""
    return locked_trigger(name)


def locked_trigger(name: Name, right: Permission | None = None) -> Target:
    """The same by this right instead of the command's own."""
    rows = Trigger.objects.select_for_update()
    row = rows.filter(namespace=name.namespace, flow_id=name.flow_id, trigger_id=name.trigger_id).first()
    return Target(row, name.namespace, permission=right, absent=NotFound(f"Trigger '{name}' was not found"))


def named_triggers(ctx: Context, right: Permission, names: Sequence[Name]) -> list[Trigger]:
    """Several, each once, locked in one order everywhere. One that is unknown refuses them all."""
    wanted = sorted(set(names))
    if len(wanted) > MOST:
        raise BadParameter(f"at most {MOST} triggers at once")
    found: list[Trigger] = []
    for first in range(0, len(wanted), _AT_ONCE):
        asked = Q(pk__in=[])
        for name in wanted[first : first + _AT_ONCE]:
            asked |= Q(namespace=name.namespace, flow_id=name.flow_id, trigger_id=name.trigger_id)
        rows = Trigger.objects.select_for_update().filter(asked)
        found += rows.order_by("namespace", "flow_id", "trigger_id")
    hidden = {each for each in {row.namespace for row in found} if is_hidden(ctx, right, each)}
    known = {Name(row.namespace, row.flow_id, row.trigger_id) for row in found if row.namespace not in hidden}
    missing = [str(name) for name in wanted if name not in known][:_MOST_TOLD]
    if missing:
        raise UnknownTriggers(
            f"{len(wanted) - len(known)} of the triggers were not found",
            violations=[Violation("not found", name) for name in missing],
            invalids=dict.fromkeys(missing, "not found"),
        )
    return found
