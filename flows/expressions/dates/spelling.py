"""How dates, times and durations are written when no pattern is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, timezone

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
    """As moments stand in JSON: in UTC with six digits of fraction, unless they bear no zone or an offset alone."""
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%dT%H:%M:%S}{_fraction(moment.microsecond)}"
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}{_fraction(utc.microsecond) if is_offset(moment) else f'.{utc:%f}'}Z"


def is_offset(moment: datetime) -> bool:
    """Whether the moment bears an offset that is not the one of a zone."""
    return isinstance(moment.tzinfo, timezone) and moment.tzinfo is not UTC and not isinstance(moment, Zoned)


def duration_seconds(duration: timedelta) -> str:
    """As durations stand in JSON and Ion: seconds with nine digits of fraction."""
    micros = duration // timedelta(microseconds=1)
    sign = "-" if micros < 0 else ""
    return f"{sign}{abs(micros) // 1_000_000}.{abs(micros) % 1_000_000:06d}000"


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
