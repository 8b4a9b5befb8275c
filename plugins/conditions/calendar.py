"""Days of the week by name."""

from __future__ import annotations

import enum


class DayOfWeek(enum.StrEnum):
    """A day of the week; `number` counts from Monday, 0."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"

    @property
    def number(self) -> int:
        return list(DayOfWeek).index(self)
