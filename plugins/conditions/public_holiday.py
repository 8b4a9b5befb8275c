"""PublicHoliday: on a day a country does not work."""

from __future__ import annotations

import locale
from typing import Any, ClassVar

from plugins.conditions.facts import TRIGGER_DATE, day_of
from plugins.contracts import Condition, ConditionFacts, PluginError


class PublicHoliday(Condition):
    """True when `date` is a public holiday of the country (ISO 3166 code) and of its part, when one is given."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.PublicHoliday"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.PublicHolidayCondition",
        "io.kestra.plugin.core.condition.PublicHolidayCondition",
    )
    TITLE: ClassVar[str] = "On a public holiday"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: not_on_holidays
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
      - type: io.kestra.plugin.core.condition.Not
        conditions:
          - type: io.kestra.plugin.core.condition.PublicHoliday
            country: FR
""",
    )

    date: str = TRIGGER_DATE
    country: str | None = None
    sub_division: str | None = None

    def holds(self, facts: ConditionFacts) -> bool:
        country = str(facts.render(self.country)) if self.country else _own_country()
        part = str(facts.render(self.sub_division)) if self.sub_division else None
        return day_of(self.date, facts) in _calendar(country.upper(), part)


def _own_country() -> str:
    """The country of the machine's locale, as for people who name none."""
    language = locale.getlocale()[0] or ""
    return language.partition("_")[2] or "US"


def _calendar(country: str, part: str | None) -> Any:
    from holidays import country_holidays  # loads a calendar for every country: only who asks for one pays

    try:
        return country_holidays(country, subdiv=part.upper() if part else None)
    except NotImplementedError:
        place = f"`{country}`" if part is None else f"`{part}` of `{country}`"
        raise PluginError(f"The public holidays of {place} are not known", retryable=False) from None
