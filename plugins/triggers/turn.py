"""One look at a trigger on the clock: what starts now, and when to look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugins.conditions.facts import Facts
from plugins.contracts import PluginError
from plugins.triggers.backfill import Backfill
from plugins.triggers.fires import Fire
from plugins.triggers.kinds import ClockTrigger


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of a look.

    `fire` starts an execution; with `failure` it is created as FAILED, for the reason given. A `failure` without a fire
    is a date that could not be decided and starts nothing. `next_date` is the date to store, None when there is none
    any more. `backfill` is what is left of the one under way. A trigger that is `broken` (its zone is unknown) starts
    nothing and keeps its date; the reason is for the log.
    """

    fire: Fire | None = None
    failure: str | None = None
    next_date: datetime | None = None
    backfill: Backfill | None = None
    broken: str | None = None


def take_turn(
    trigger: ClockTrigger, stored: datetime | None, now: datetime, facts: Facts, backfill: Backfill | None = None
) -> Turn:
    """Look at a trigger whose stored date may have come. Before its time nothing changes.

    A trigger never seen before (`stored` is None) gets its first date. A backfill goes first, date by date, up to now,
    and leaves the stored date alone until it is over.
    """
    try:
        if backfill is not None:
            return _backfill_turn(trigger, stored, now, facts, backfill)
        if stored is None:
            return Turn(next_date=trigger.first_date(now, facts))
        return Turn(next_date=stored) if stored > now else _due_turn(trigger, stored, now, facts)
    except PluginError as error:
        return Turn(next_date=stored, backfill=backfill, broken=str(error))


def _due_turn(trigger: ClockTrigger, stored: datetime, now: datetime, facts: Facts) -> Turn:
    trigger.zone(facts.zone)  # raises before anything is decided when the trigger itself is broken
    if trigger.is_too_late(stored, now):
        following = trigger.next_date(stored, now, facts)
        if following is None or following > now:
            return Turn(next_date=following)
        stored = following
    date = next(iter(trigger.backfill_dates(stored, now, facts)), None)
    if date is None:
        return Turn(next_date=trigger.next_date(now, now, facts))
    following = trigger.next_date(date, now, facts)
    try:
        return Turn(trigger.due(date, now, facts), next_date=following)
    except PluginError as error:
        return Turn(_failing(trigger, date), str(error), following)


def _backfill_turn(
    trigger: ClockTrigger, stored: datetime | None, now: datetime, facts: Facts, backfill: Backfill
) -> Turn:
    """A date that lies ahead waits for its time."""
    date = backfill.date(trigger, facts)
    if date is not None and date > now:
        return Turn(next_date=stored, backfill=backfill)
    if date is None:
        if backfill.is_paused:
            return Turn(next_date=stored, backfill=backfill)
        return Turn(next_date=backfill.resumes_at or stored)
    left = backfill.after(date, trigger, facts)
    after = stored if left is not None else backfill.resumes_at or stored
    try:
        return Turn(trigger.due(date, date, facts), next_date=after, backfill=left)
    except PluginError as error:
        return Turn(_failing(trigger, date), str(error), after, left)


def _failing(trigger: ClockTrigger, date: datetime) -> Fire | None:
    return Fire(date) if trigger.fails_on_error else None
