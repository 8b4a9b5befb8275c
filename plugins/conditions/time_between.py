"""TimeBetween: between two times of day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import ClassVar

from control_plane.kernel.words.moments import parse_time
from plugins.conditions.facts import TRIGGER_DATE, moment_of
from plugins.contracts import Condition, ConditionFacts, PluginError, Problem


class TimeBetween(Condition):
    """True when the time of `date` is later than `after` and earlier than `before`; either may be left out."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.TimeBetween"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.TimeBetweenCondition",
        "io.kestra.plugin.core.condition.TimeBetweenCondition",
    )
    TITLE: ClassVar[str] = "After a time of day, before another"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: office_hours
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: schedule
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 11 * * *"
    conditions:
      - type: io.kestra.plugin.core.condition.TimeBetween
        after: "08:00:00Z"
        before: "18:00:00Z"
""",
    )

    date: str = TRIGGER_DATE
    before: str | None = None
    after: str | None = None

    def problems(self) -> Iterable[Problem]:
        if self.before is None and self.after is None:
            yield Problem("`before` and `after` cannot both be missing")

    def holds(self, facts: ConditionFacts) -> bool:
        moment = moment_of(self.date, facts)
        own = _instant(moment.timetz(), moment)
        is_late_enough = self.after is None or own > self._limit(self.after, moment, facts)
        return is_late_enough and (self.before is None or own < self._limit(self.before, moment, facts))

    def _limit(self, text: str, moment: datetime, facts: ConditionFacts) -> datetime:
        try:
            return _instant(parse_time(str(facts.render(text))), moment)
        except ValueError as error:
            raise PluginError(str(error), retryable=False) from None


_ANY_DAY = date(2000, 1, 2)


def _instant(time_of_day: time, moment: datetime) -> datetime:
    """The time on one and the same day, in its own offset or else that of the moment."""
    zone = time_of_day.tzinfo
    offset = zone.utcoffset(moment) if zone is not None else moment.utcoffset()
    naive = datetime.combine(_ANY_DAY, time_of_day.replace(tzinfo=None))
    return naive - offset if offset is not None else naive
