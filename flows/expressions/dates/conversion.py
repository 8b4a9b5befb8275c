"""The arguments that all date filters and functions share."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from flows.expressions.dates.parsing import read
from flows.expressions.dates.reading import moment_of
from flows.expressions.dates.writing import write
from flows.expressions.dates.zones import zone
from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import optional_text, text_argument
from flows.expressions.frame import Frame


def target_zone(frame: Frame, time_zone: Any) -> tzinfo:
    return zone(optional_text("timeZone", time_zone) or frame.env.timezone)


def moment(
    frame: Frame, value: Any, time_zone: Any = None, existing_format: Any = None, locale: Any = None
) -> datetime:
    """A value as a moment in the zone that is asked for."""
    target = target_zone(frame, time_zone)
    if existing_format is None or not isinstance(value, str):
        return moment_of(value, target)
    language = optional_text("locale", locale) or frame.env.locale
    return read(value, text_argument("existingFormat", existing_format), target, language)


def written(frame: Frame, value: datetime, format: Any, locale: Any) -> str:
    language = optional_text("locale", locale) or frame.env.locale
    try:
        return write(value, optional_text("format", format) or "iso", language)
    except (ValueError, OverflowError):
        raise ArgumentError("The date cannot be written in this format") from None
