"""One look at a trigger on the clock: what is made of the dates nobody looked at, and of the one that is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from control_plane.kernel.words.clock import iso
from plugins.conditions.facts import Facts
from plugins.triggers.kinds import ClockTrigger
from plugins.triggers.turn import Turn, take_turn
from triggers.firing import backfills
from triggers.models import Trigger

GRACE = timedelta(seconds=30)
"""A trigger at which nobody has looked for so long was missed: the schedulers were away."""
_MOST_COUNTED = 10_000


def turn_of(row: Trigger, trigger: ClockTrigger, now: datetime, facts: Facts) -> Turn:
    """Raises PluginError when the trigger is broken altogether."""
    backfill = backfills.read(row.backfill) if row.backfill is not None else None
    stored = row.next_at
    if backfill is None and stored is not None and row.due_at is not None and now - row.due_at > GRACE:
        stored = trigger.recover(stored, now, facts)
        row.recovered = _recovered(row, trigger, stored, now, facts)
    return take_turn(trigger, stored, now, facts, backfill)


def _recovered(
    row: Trigger, trigger: ClockTrigger, stored: datetime | None, now: datetime, facts: Facts
) -> dict[str, Any] | None:
    """How many dates were missed, and how many of them are made up for."""
    assert row.next_at is not None
    missed = _count(trigger, row.next_at, now, facts)
    if missed <= 1:
        return row.recovered
    made_up = _count(trigger, stored, now, facts) if stored is not None else 0
    return {"from": iso(row.next_at), "until": iso(now), "missed": missed, "madeUpFor": made_up}


def _count(trigger: ClockTrigger, start: datetime, end: datetime, facts: Facts) -> int:
    return sum(1 for _ in islice(trigger.backfill_dates(start, end, facts), _MOST_COUNTED))


def take(row: Trigger, turn: Turn, now: datetime) -> None:
    """Let the row say what came of the look; whom it waits for is for the caller to say."""
    row.evaluated_at = row.updated_at = now
    row.problem = turn.broken or turn.failure
    row.next_at = turn.next_date
    if row.backfill is not None:
        run = str(row.backfill["run"])
        row.backfill = backfills.kept(turn.backfill, run) if turn.backfill is not None else None
    if turn.fire is not None:
        row.fired_at = now


def due_after(row: Trigger, turn: Turn, trigger: ClockTrigger, facts: Facts, now: datetime) -> datetime | None:
    """When to look again, if the trigger waits for nothing. What is broken is tried again a little later."""
    if turn.broken is not None:
        return now + timedelta(minutes=1)
    if turn.backfill is not None and not turn.backfill.is_paused:
        date = turn.backfill.date(trigger, facts)
        return max(now, date) if date is not None else now
    return max(now, turn.next_date) if turn.next_date is not None else None
