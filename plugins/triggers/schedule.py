"""Schedule: executions by the clock, from a cron expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, ClassVar

from pydantic import AliasChoices, Field

from control_plane.kernel.words.durations import Duration
from control_plane.kernel.words.moments import zone
from plugins.conditions.by_day import decides_by_day
from plugins.conditions.facts import Facts
from plugins.contracts import Condition, PluginError, Problem
from plugins.contracts.outputs import Outputs, moment
from plugins.triggers.cron import cron_problem, moments_after, moments_before
from plugins.triggers.fires import Fire, Recovery
from plugins.triggers.kinds import ClockTrigger

_TICK = timedelta(seconds=1)
_MOST_TRIES = 5_000
_HORIZON = timedelta(days=366 * 10)


@dataclass(frozen=True, slots=True)
class Searched:
    """The moment found, or else the last one looked at before the search was given up."""

    accepted: datetime | None = None
    last: datetime | None = None


class Schedule(ClockTrigger):
    """Start an execution at every moment of a cron expression, when all conditions hold.

    `{{ trigger.date }}` is the moment it is for, `trigger.next` and `trigger.previous` its neighbours, skipping those
    that the conditions reject. Moments missed while nothing ran are made up for as `recoverMissedSchedules` says;
    those older than `lateMaximumDelay` are dropped.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.Schedule"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Schedule",)
    TITLE: ClassVar[str] = "Start by the clock"
    OUTPUTS: ClassVar[Outputs] = {
        "date": moment("The moment it is for."),
        "next": moment("The moment after it."),
        "previous": moment("The moment before it."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: every_quarter
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "For {{ trigger.date ?? 'now' }}"
triggers:
  - id: schedule
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "*/15 * * * *"
    timezone: Europe/Paris
""",
    )

    cron: str = Field(min_length=1)
    with_seconds: bool = False
    conditions: list[Condition] = Field(
        default_factory=list,
        validation_alias=AliasChoices("conditions", "scheduleConditions"),
        json_schema_extra={"deprecated": True},
    )
    interval: Any = None
    late_maximum_delay: Duration | None = None
    backfill: Any = Field(default=None, json_schema_extra={"deprecated": True})

    def problems(self) -> Iterable[Problem]:
        if self.interval is not None:
            yield Problem("must be null", "interval")
        wrong = cron_problem(self.cron, self.with_seconds)
        if wrong is not None:
            yield Problem(wrong, "cron")
        if self.timezone is not None and not _is_zone(self.timezone):
            yield Problem(f"timezone '{self.timezone}' is not a valid time-zone ID", "timezone")

    def after(self, moment: datetime, default_zone: tzinfo) -> Iterator[datetime]:
        """The moments of the cron expression later than this one, whatever the conditions say."""
        return moments_after(self.cron, moment, self.zone(default_zone), with_seconds=self.with_seconds)

    def before(self, moment: datetime, default_zone: tzinfo) -> Iterator[datetime]:
        """The moments earlier than this one, latest first."""
        return moments_before(self.cron, moment, self.zone(default_zone), with_seconds=self.with_seconds)

    def first_date(self, now: datetime, facts: Facts) -> datetime | None:
        return self._next_from(now, facts)

    def is_too_late(self, date: datetime, now: datetime) -> bool:
        return self.late_maximum_delay is not None and date < now - self.late_maximum_delay

    def next_date(self, last: datetime, now: datetime, facts: Facts) -> datetime | None:
        return self._next_from(max(last, now - self.late_maximum_delay) if self.late_maximum_delay else last, facts)

    def _next_from(self, moment: datetime, facts: Facts) -> datetime | None:
        # a date that was only looked at last is as good as none: it is evaluated, rejected, and the search goes on
        found = self._search(moment, facts, is_backwards=False)
        return found.accepted or found.last

    def due(self, stored: datetime, now: datetime, facts: Facts) -> Fire | None:
        date = next(self.after(_just_before(stored), facts.zone), None)
        if date is None or date > now or not self.accepts(date, facts):
            return None
        return self.fire(date, facts)

    def fire(self, date: datetime, facts: Facts) -> Fire:
        """The fire of this moment with the neighbours that its conditions accept."""
        following = self._search(date, facts, is_backwards=False).accepted
        previous = self._search(date, facts, is_backwards=True).accepted
        return Fire(date.astimezone(self.zone(facts.zone)), following, previous)

    def _search(self, moment: datetime, facts: Facts, *, is_backwards: bool) -> Searched:
        """The nearest moment that the conditions accept, within ten years and a bounded number of tries.

        When all of them look at the day alone, a day that was rejected is skipped as a whole. One that cannot be
        decided counts as accepted: its own evaluation will tell.
        """
        look = self.before if is_backwards else self.after
        if not self.conditions and self.when is None:
            return Searched(next(look(moment, facts.zone), None))
        is_by_day = self.when is None and all(decides_by_day(condition) for condition in self.conditions)
        moments, date = look(moment, facts.zone), None
        for _ in range(_MOST_TRIES):
            date = next(moments, None)
            if date is None or abs(date - moment) > _HORIZON:
                return Searched()
            if self._may_accept(date, facts):
                return Searched(date)
            if is_by_day:
                moments = look(_edge_of_day(date, is_backwards), facts.zone)
        return Searched(last=date)

    def _may_accept(self, date: datetime, facts: Facts) -> bool:
        try:
            return self.accepts(date, facts)
        except PluginError:
            return True

    def recover(
        self, stored: datetime, now: datetime, facts: Facts, default: Recovery = Recovery.ALL
    ) -> datetime | None:
        recovery = self.recover_missed_schedules or default
        if recovery is Recovery.NONE:
            return self.next_date(now, now, facts) if stored < now else stored
        if recovery is Recovery.LAST:
            last = self._search(now + _TICK, facts, is_backwards=True).accepted
            return last if last is not None and last >= stored else stored
        return stored

    def backfill_dates(self, start: datetime, end: datetime, facts: Facts) -> Iterator[datetime]:
        for date in self.after(_just_before(start), facts.zone):
            if date > end:
                return
            if date >= start and self._may_accept(date, facts):
                yield date


def _just_before(moment: datetime) -> datetime:
    """A second earlier, counted in time that passes: clocks on the wall may not show it."""
    return moment.astimezone(UTC) - _TICK


def _edge_of_day(date: datetime, is_backwards: bool) -> datetime:
    """The midnight the day begins with, or the last instant before the next day, so that a search leaves the day."""
    midnight = date.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if is_backwards else midnight + timedelta(days=1) - _TICK


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True
