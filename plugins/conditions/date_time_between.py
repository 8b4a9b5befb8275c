"""DateTimeBetween: between two moments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from plugins.conditions.facts import TRIGGER_DATE, moment_of
from plugins.contracts import Condition, ConditionFacts, Problem


class DateTimeBetween(Condition):
    """True when `date` is later than `after` and earlier than `before`; either may be left out."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.DateTimeBetween"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.DateTimeBetweenCondition",
        "io.kestra.plugin.core.condition.DateTimeBetweenCondition",
    )
    TITLE: ClassVar[str] = "After a moment, before another"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: between_moments
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
      - type: io.kestra.plugin.core.condition.DateTimeBetween
        date: "{{ trigger.date }}"
        after: "2024-01-01T00:00:00Z"
""",
    )

    date: str = TRIGGER_DATE
    before: str | None = None
    after: str | None = None

    def problems(self) -> Iterable[Problem]:
        if self.before is None and self.after is None:
            yield Problem("`before` and `after` cannot both be missing")

    def holds(self, facts: ConditionFacts) -> bool:
        date = moment_of(self.date, facts)
        is_late_enough = self.after is None or date > moment_of(self.after, facts)
        return is_late_enough and (self.before is None or date < moment_of(self.before, facts))
