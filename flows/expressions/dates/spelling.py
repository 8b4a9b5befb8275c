"""How dates, times and durations are written when no pattern is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from flows.expressions.dates.zones import offset_text, zone_id


class Zoned(datetime):
    """A moment that keeps its zone even when that is UTC, so that it is written with it."""


def is_instant(moment: datetime) -> bool:
    """Whether the moment is a bare point in time, not a date somewhere."""
    return moment.tzinfo is UTC and not isinstance(moment, Zoned)


def moment_text(moment: datetime) -> str:
    """As Java prints an Instant, a ZonedDateTime or a LocalDateTime."""
    if moment.tzinfo is None:
        return _short(moment)
    if is_instant(moment):
        return f"{moment:%Y-%m-%dT%H:%M:%S}{_fraction(moment.microsecond)}Z"
    zone = zone_id(moment)
    return _short(moment) + offset_text(moment) + (f"[{zone}]" if zone else "")


def moment_json(moment: datetime) -> str:
    """As moments stand in JSON: seconds are never left out."""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{_fraction(moment.microsecond)}"
    return text + ("" if moment.tzinfo is None else offset_text(moment))


def time_text(value: time) -> str:
    seconds = f":{value:%S}{_fraction(value.microsecond)}" if value.second or value.microsecond else ""
    return f"{value:%H:%M}{seconds}"


def _short(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}T{time_text(moment.time())}"


def _fraction(microsecond: int) -> str:
    if not microsecond:
        return ""
    digits = f"{microsecond:06d}"
    return "." + (digits[:3] if digits.endswith("000") else digits)


def duration_text(duration: timedelta) -> str:
    """ISO 8601 with hours as the largest unit, as Java prints a Duration."""
    micros = duration // timedelta(microseconds=1)
    if not micros:
        return "PT0S"
    sign = "-" if micros < 0 else ""
    seconds, fraction = divmod(abs(micros), 1_000_000)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = "".join(f"{sign}{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount)
    if rest or fraction:
        text += f"{sign}{rest}{('.' + f'{fraction:06d}'.rstrip('0')) if fraction else ''}S"
    return "PT" + text
