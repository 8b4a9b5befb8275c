"""What people do to a trigger: each act changes the row it is given, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import Conflict
from executions.record.flow_source import running_revision
from plugins.contracts import Trigger as Document
from triggers.firing import backfills
from triggers.models import Trigger
from triggers.permissions import TRIGGER
from triggers.record.rows import set_due, set_next_date


class WrongState(Conflict):
    """The trigger is not in a state for this."""

    code = "wrong_trigger_state"


def document_of(row: Trigger) -> Document:
    found: Document | None = running_revision(row.revision_id).compiled.flow.trigger(row.trigger_id)
    if found is None:
        raise WrongState(f"Flow '{row.namespace}.{row.flow_id}' has no trigger '{row.trigger_id}' any more")
    return found


def disable(row: Trigger, at: datetime) -> None:
    row.is_disabled = True


def enable(row: Trigger, at: datetime) -> None:
    """Dates that passed meanwhile are not made up for: that is what a backfill is for."""
    if not row.is_disabled:
        return
    if row.document.get("disabled"):
        raise WrongState("it is disabled in its flow: enable it there")
    row.is_disabled = False
    if not row.is_off:
        set_next_date(row, document_of(row), at, is_first=False)


def unlock(row: Trigger, at: datetime) -> None:
    """It waits for its execution no longer; that one goes on. A look under way is stopped, and another one begins."""
    if row.execution_id is None and row.evaluation_id is None:
        raise WrongState("Illegal state: Trigger is not locked")
    if row.evaluation_id is not None:
        row.next_at = at
    row.execution_id = row.evaluation_id = None


def restart(row: Trigger, at: datetime) -> None:
    """It is looked at again as if it had just come, whatever was wrong with it."""
    if row.is_off or row.is_disabled:
        raise WrongState("it is disabled")
    row.execution_id = row.evaluation_id = row.problem = None
    row.failures = 0
    set_next_date(row, document_of(row), at, is_first=False)


def reset(row: Trigger, at: datetime) -> None:
    """Forget everything but what the flow says: it evaluates from now on."""
    row.execution_id = row.evaluation_id = row.backfill = row.recovered = None
    row.evaluated_at = row.fired_at = row.next_at = None
    row.failures, row.said = 0, []
    row.is_disabled = bool(row.document.get("disabled"))
    row.problem = None
    if not row.is_off:
        set_next_date(row, document_of(row), at, is_first=False)


def pause_backfill(row: Trigger, at: datetime) -> None:
    row.backfill = {**_backfill(row, is_paused=False), "paused": True}


def resume_backfill(row: Trigger, at: datetime) -> None:
    row.backfill = {**_backfill(row, is_paused=True), "paused": False}


def delete_backfill(row: Trigger, at: datetime) -> None:
    """What it has started goes on; the date that was stored before it is stored again."""
    if row.backfill is None:
        raise WrongState("it has no backfill")
    resumes_at = backfills.read(row.backfill).resumes_at
    row.backfill, row.next_at = None, resumes_at or row.next_at


def _backfill(row: Trigger, *, is_paused: bool) -> dict[str, object]:
    if row.backfill is None:
        raise WrongState("it has no backfill")
    if row.backfill["paused"] is not is_paused:
        raise WrongState("its backfill is not paused" if is_paused else "its backfill is paused already")
    return row.backfill


Change = Callable[[Trigger, datetime], None]


@dataclass(frozen=True, slots=True)
class Act:
    """A change, and the right it needs."""

    change: Change
    right: Permission

    def do(self, row: Trigger, at: datetime) -> None:
        self.change(row, at)
        row.updated_at = at
        set_due(row, at)
        row.save()


ACTS = {
    "disable": Act(disable, TRIGGER.DISABLE),
    "enable": Act(enable, TRIGGER.ENABLE),
    "unlock": Act(unlock, TRIGGER.UNLOCK),
    "restart": Act(restart, TRIGGER.RESTART),
    "delete": Act(reset, TRIGGER.DELETE),
    "pause-backfill": Act(pause_backfill, TRIGGER.BACKFILL),
    "resume-backfill": Act(resume_backfill, TRIGGER.BACKFILL),
    "delete-backfill": Act(delete_backfill, TRIGGER.BACKFILL),
}
