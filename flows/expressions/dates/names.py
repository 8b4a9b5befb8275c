"""Names, styles and week rules of locales, out of the CLDR data that Babel brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

SUNDAY = 6
WIDTHS = {4: "wide", 5: "narrow"}
LONGEST_TAG = 40


@dataclass(frozen=True, slots=True)
class Names:
    """What one locale calls things. `first_day` is counted from Monday, which is 0."""

    locale: Any
    first_day: int
    least_days: int

    def month(self, number: int, count: int, *, alone: bool = False) -> str:
        return self._named(self.locale.months, number, count, alone)

    def day(self, weekday: int, count: int, *, alone: bool = False) -> str:
        """The name of a weekday, counted from Monday, which is 0."""
        return self._named(self.locale.days, weekday, count, alone)

    def quarter(self, number: int, count: int, *, alone: bool = False) -> str:
        return self._named(self.locale.quarters, number, count, alone)

    @staticmethod
    def _named(table: Mapping[str, Any], key: int, count: int, alone: bool) -> str:
        return str(table["stand-alone" if alone else "format"][WIDTHS.get(count, "abbreviated")][key])

    def era(self, count: int) -> str:
        return str(self.locale.eras[WIDTHS.get(count, "abbreviated")][1])

    def halves(self) -> tuple[str, str]:
        """The words for the morning and the afternoon."""
        return self._period("am", 4), self._period("pm", 4)

    def part_of_day(self, moment: datetime, count: int) -> str:
        """`in the afternoon`, by the hours that the locale gives it."""
        from babel.dates import get_period_id

        return self._period(get_period_id(moment.time(), locale=self.locale), count)

    def _period(self, name: str, count: int) -> str:
        width = WIDTHS.get(count, "abbreviated")
        for context in ("format", "stand-alone"):
            for kind in (width, "abbreviated", "wide"):
                found = self.locale.day_periods.get(context, {}).get(kind, {})
                if name in found:
                    return str(found[name])
        return name.upper()

    def style(self, name: str) -> str:
        """The pattern of a whole moment in the style `full`, `long`, `medium` or `short`."""
        joined = str(self.locale.datetime_formats[name])
        date, time = self.locale.date_formats[name].pattern, self.locale.time_formats[name].pattern
        return joined.replace("{1}", date).replace("{0}", time)


@lru_cache(maxsize=64)
def names_of(tag: str) -> Names:
    """The names for a language tag such as `fr`, `fr_FR` or `fr-FR`; English for a language that is not known.

    A locale that names no country begins its weeks on Sunday, and one day of the year makes a week.
    """
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(tag[:LONGEST_TAG].replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        locale = Locale("en")
    if locale.territory is None:
        return Names(locale, SUNDAY, 1)
    return Names(locale, locale.first_week_day, locale.min_week_days)
