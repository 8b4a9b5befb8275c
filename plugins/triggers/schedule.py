"""Schedule: executions by the clock, from a cron expression."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from typing import Any, ClassVar

from pydantic import AliasChoices, Field

from control_plane.kernel.words.durations import Duration
from control_plane.kernel.words.moments import format_moment, zone
from plugins.conditions.facts import Facts, is_true
from plugins.contracts import Condition, PluginError, Problem, Trigger
from plugins.triggers.cron import cron_problem, moments_after, moments_before
from plugins.triggers.fires import Fire, Recovery

_TICK = timedelta(seconds=1)
_MOST_TRIES = 20_000
_HORIZON = timedelta(days=366 * 10)


class Schedule(Trigger):
    """Start an execution at every moment of a cron expression, when all conditions hold.

    `{{ trigger.date }}` is the moment it is for, `trigger.next` and `trigger.previous` its neighbours, skipping those
    that the conditions reject. Moments missed while nothing ran are made up for as `recoverMissedSchedules` says;
    those older than `lateMaximumDelay` are dropped.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.Schedule"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.Schedule",)
    TITLE: ClassVar[str] = "Start by the clock"
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
    timezone: str | None = None
    conditions: list[Condition] = Field(
        default_factory=list, validation_alias=AliasChoices("conditions", "scheduleConditions")
    )
    interval: Any = None
    late_maximum_delay: Duration | None = None
    recover_missed_schedules: Recovery | None = None
    backfill: Any = Field(default=None, deprecated="Start a backfill through the API.")

    def problems(self) -> Iterable[Problem]:
        if self.interval is not None:
            yield Problem("must be null", "interval")
        wrong = cron_problem(self.cron, self.with_seconds)
        if wrong is not None:
            yield Problem(wrong, "cron")
        if self.timezone is not None and not _is_zone(self.timezone):
            yield Problem(f"timezone '{self.timezone}' is not a valid time-zone ID", "timezone")

    def zone(self, default: tzinfo = UTC) -> tzinfo:
        """The zone of its own, or the server's. Raises PluginError when nobody knows it."""
        try:
            return zone(self.timezone) if self.timezone else default
        except ValueError as error:
            raise PluginError(str(error), retryable=False) from None

    def after(self, moment: datetime, default_zone: tzinfo = UTC) -> Iterator[datetime]:
        """The moments of the cron expression later than this one, whatever the conditions say."""
        return moments_after(self.cron, moment, self.zone(default_zone), with_seconds=self.with_seconds)

    def before(self, moment: datetime, default_zone: tzinfo = UTC) -> Iterator[datetime]:
        """The moments earlier than this one, latest first."""
        return moments_before(self.cron, moment, self.zone(default_zone), with_seconds=self.with_seconds)

    def first_date(self, now: datetime, default_zone: tzinfo = UTC) -> datetime | None:
        """When it fires for the first time, for a trigger seen for the first time now."""
        return next(self.after(now, default_zone), None)

    def next_date(self, last: datetime, now: datetime, facts: Facts) -> datetime | None:
        """When it is to be evaluated after `last`: the next moment its conditions accept that is not too late by now.

        None when there is none within ten years. A condition that cannot be decided is left to that evaluation.
        """
        earliest = max(last, now - self.late_maximum_delay) if self.late_maximum_delay else last
        return self._neighbour(self.after(earliest, facts.zone), facts, lenient=True)

    def due(self, stored: datetime, now: datetime, facts: Facts) -> Fire | None:
        """The execution to start for the stored date, or None when it is later than now or the conditions reject it.

        Raises PluginError when a condition cannot be decided: the execution is then created as FAILED.
        """
        date = next(self.after(stored - _TICK, facts.zone), None)
        if date is None or date > now or not self.accepts(date, facts):
            return None
        return self.fire(date, facts)

    def fire(self, date: datetime, facts: Facts) -> Fire:
        """The fire of this moment with the neighbours that its conditions accept."""
        following = self._neighbour(self.after(date, facts.zone), facts, lenient=True)
        previous = self._neighbour(self.before(date, facts.zone), facts, lenient=True)
        return Fire(date.astimezone(self.zone(facts.zone)), following, previous)

    def accepts(self, date: datetime, facts: Facts) -> bool:
        """Whether all conditions hold for this moment. Raises PluginError when one cannot be decided."""
        if not self.conditions and self.when is None:
            return True
        there = facts.with_variables(_moment_variables(date))
        if self.when is not None and not is_true(there.render(self.when)):
            return False
        return all(condition.holds(there) for condition in self.conditions)

    def _neighbour(self, moments: Iterator[datetime], facts: Facts, *, lenient: bool) -> datetime | None:
        if not self.conditions and self.when is None:
            return next(moments, None)
        first: datetime | None = None
        for date in islice(moments, _MOST_TRIES):
            first = first or date
            if abs(date - first) > _HORIZON:
                return None
            if self._may_accept(date, facts, lenient):
                return date
        return None

    def _may_accept(self, date: datetime, facts: Facts, lenient: bool) -> bool:
        try:
            return self.accepts(date, facts)
        except PluginError:
            if lenient:
                return True
            raise

    def recover(
        self, stored: datetime, now: datetime, facts: Facts, default: Recovery = Recovery.ALL
    ) -> datetime | None:
        """The date to evaluate next after a time in which nobody looked, from the one that was stored."""
        recovery = self.recover_missed_schedules or default
        if recovery is Recovery.NONE:
            return self.next_date(now, now, facts) if stored < now else stored
        if recovery is Recovery.LAST:
            last = self._neighbour(self.before(now + _TICK, facts.zone), facts, lenient=True)
            return last if last is not None and last >= stored else stored
        return stored

    def backfill_dates(self, start: datetime, end: datetime, facts: Facts) -> Iterator[datetime]:
        """Every accepted moment from `start` to `end`, both included, earliest first; made one by one."""
        for date in self.after(start - _TICK, facts.zone):
            if date > end:
                return
            if date >= start and self._may_accept(date, facts, lenient=True):
                yield date


def _moment_variables(date: datetime) -> dict[str, Any]:
    variables = {"date": format_moment(date)}
    return {"trigger": variables, "schedule": variables}


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True
