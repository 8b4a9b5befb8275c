"""When a failed attempt is tried again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal

from pydantic import AliasChoices, Field

from control_plane.kernel.words.durations import Duration, format_duration
from plugins.contracts.pieces import Model, Problem


class Retry(Model):
    """How often and when a failed attempt is tried again; `maxAttempts` counts the first attempt too."""

    type: Literal["constant", "exponential", "random"]
    interval: Duration | None = None
    min_interval: Duration | None = None
    max_interval: Duration | None = None
    delay_factor: float = 2.0
    max_attempts: int | None = Field(
        default=None,
        ge=1,
        validation_alias=AliasChoices("maxAttempts", "maxAttempt"),
        json_schema_extra={"x-equal-names": True},
    )
    max_duration: Duration | None = None
    warning_on_retry: bool = False
    behavior: Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"] = "RETRY_FAILED_TASK"

    def problems(self) -> Iterable[Problem]:
        yield from self._missing_intervals()
        yield from self._must_be_less("interval", self.interval, "maxDuration", self.max_duration)
        if self.type == "exponential":
            yield from self._must_be_less("interval", self.interval, "maxInterval", self.max_interval)
        if self.type == "random":
            yield from self._must_be_less("minInterval", self.min_interval, "maxInterval", self.max_interval)
            if self.min_interval is None or self.max_duration is None or self.min_interval < self.max_duration:
                yield from self._must_be_less("maxInterval", self.max_interval, "maxDuration", self.max_duration)
            else:
                yield from self._must_be_less("minInterval", self.min_interval, "maxDuration", self.max_duration)

    def _missing_intervals(self) -> Iterable[Problem]:
        needed = {
            "constant": {"interval": self.interval},
            "exponential": {"interval": self.interval, "maxInterval": self.max_interval},
            "random": {"minInterval": self.min_interval, "maxInterval": self.max_interval},
        }[self.type]
        for name, value in needed.items():
            if value is None:
                yield Problem("must not be null", name)

    def _must_be_less(
        self, name: str, value: timedelta | None, limit_name: str, limit: timedelta | None
    ) -> Iterable[Problem]:
        if value is not None and limit is not None and value >= limit:
            yield Problem(f"'{name}' must be less than '{limit_name}' but is {format_duration(value)}", name)
