"""ScheduleOnDates: executions at moments that are listed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any, ClassVar

from control_plane.kernel.words.moments import parse_moment, zone
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError, Problem
from plugins.contracts.outputs import Outputs, moment
from plugins.triggers.fires import Fire, Recovery
from plugins.triggers.kinds import ClockTrigger


class ScheduleOnDates(ClockTrigger):
    """Start an execution at each of the listed moments, or at those an expression gives."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.ScheduleOnDates"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.models.triggers.types.ScheduleOnDates",)
    TITLE: ClassVar[str] = "Start at listed moments"
    OUTPUTS: ClassVar[Outputs] = {
        "date": moment("The moment it is for."),
        "next": moment("The moment after it."),
        "previous": moment("The moment before it."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: at_releases
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: dates
    type: io.kestra.plugin.core.trigger.ScheduleOnDates
    timezone: Europe/Paris
    dates:
      - "2030-01-01T00:00:00+01:00"
      - "2030-02-01T00:00:00+01:00"
""",
    )

    dates: list[str] | str

    def problems(self) -> Iterable[Problem]:
        if self.timezone is not None:
            try:
                zone(self.timezone)
            except ValueError:
                yield Problem(f"timezone '{self.timezone}' is not a valid time-zone ID", "timezone")
        for text in self.dates if isinstance(self.dates, list) else ():
            if "{{" not in text:
                try:
                    parse_moment(text)
                except ValueError as error:
                    yield Problem(str(error), "dates")

    def moments(self, facts: Facts) -> list[datetime]:
        """The listed moments to the second, earliest first. Raises PluginError for one that is no date."""
        there = self.zone(facts.zone)
        rendered = facts.render(self.dates) if isinstance(self.dates, str) else [facts.render(d) for d in self.dates]
        try:
            return sorted({_moment(item, there).replace(microsecond=0) for item in _items(rendered)})
        except ValueError as error:
            raise PluginError(str(error), retryable=False) from None

    def first_date(self, now: datetime, facts: Facts) -> datetime | None:
        """The first of them, though it may have passed before anybody looked."""
        return next(iter(self.moments(facts)), None)

    def _from(self, moment: datetime, facts: Facts) -> datetime | None:
        return next((date for date in self.moments(facts) if date >= moment), None)

    def next_date(self, last: datetime, now: datetime, facts: Facts) -> datetime | None:
        return next((date for date in self.moments(facts) if date > last), None)

    def due(self, stored: datetime, now: datetime, facts: Facts) -> Fire | None:
        dates = self.moments(facts)
        date = next((date for date in dates if date >= stored), None)
        if date is None or date > now or not self.accepts(date, facts):
            return None
        earlier = [other for other in dates if other < date]
        return Fire(date, next((other for other in dates if other > date), None), earlier[-1] if earlier else None)

    def recover(
        self, stored: datetime, now: datetime, facts: Facts, default: Recovery = Recovery.ALL
    ) -> datetime | None:
        recovery = self.recover_missed_schedules or default
        if recovery is Recovery.NONE:
            return self._from(max(now, stored), facts)
        if recovery is Recovery.LAST:
            missed = [date for date in self.moments(facts) if stored <= date <= now]
            return missed[-1] if missed else self._from(now, facts)
        return self._from(stored, facts)

    def backfill_dates(self, start: datetime, end: datetime, facts: Facts) -> Iterator[datetime]:
        return (date for date in self.moments(facts) if start <= date <= end)


def _items(rendered: Any) -> list[Any]:
    if isinstance(rendered, list | tuple):
        return list(rendered)
    text = str(rendered).strip()
    return [part.strip(" \"'") for part in text.strip("[]").split(",") if part.strip(" \"'")]


def _moment(item: Any, there: tzinfo) -> datetime:
    moment = item if isinstance(item, datetime) else parse_moment(str(item), there)
    return moment if moment.tzinfo else moment.replace(tzinfo=there)
