"""A backfill: the past dates of a trigger run again, one after the other, before it goes on as usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from plugins.conditions.facts import Facts
from plugins.triggers.kinds import ClockTrigger


@dataclass(frozen=True, slots=True)
class Backfill:
    """The dates from `start` to `end`, both included. `current` is the one to run next, None before the first.

    `inputs` and `labels` are added to those of the trigger. `resumes_at` is the date that was stored before it began,
    and is stored again when it is over.
    """

    start: datetime
    end: datetime
    current: datetime | None = None
    is_paused: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    resumes_at: datetime | None = None

    def date(self, trigger: ClockTrigger, facts: Facts) -> datetime | None:
        """The date to run now; None while it is paused and when it is over."""
        if self.is_paused:
            return None
        return next(iter(trigger.backfill_dates(self.current or self.start, self.end, facts)), None)

    def after(self, date: datetime, trigger: ClockTrigger, facts: Facts) -> Backfill | None:
        """What is left of it once that date was run; None when it is over."""
        later = (other for other in trigger.backfill_dates(date, self.end, facts) if other > date)
        following = next(later, None)
        return replace(self, current=following) if following is not None else None
