"""Time zones by name or offset, and how offsets are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.expressions.errors import ArgumentError

OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
SHORT_NAMES = {"EST": "-05:00", "MST": "-07:00", "HST": "-10:00", "CET": "Europe/Paris", "PST": "America/Los_Angeles"}


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """A zone by its region (`Europe/Paris`), offset (`+02:00`, `UTC-3`) or `Z`; raises `ArgumentError`."""
    text = SHORT_NAMES.get(name.strip(), name.strip())
    if text in ("Z", "UTC", "GMT", "UT"):
        return UTC
    if (match := OFFSET.fullmatch(text)) is not None:
        return _offset(match, name)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ArgumentError(f"Unknown time zone `{name[:60]}`") from None


def _offset(match: re.Match[str], name: str) -> tzinfo:
    sign, hours, minutes, seconds = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    if offset > timedelta(hours=18):
        raise ArgumentError(f"Unknown time zone `{name[:60]}`")
    return timezone(-offset if sign == "-" else offset)


def zone_id(moment: datetime) -> str | None:
    """The region of the zone a moment is in, if it has one."""
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else None


def offset_parts(moment: datetime) -> tuple[str, int, int, int]:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    return sign, seconds // 3600, seconds // 60 % 60, seconds % 60


def offset_text(moment: datetime, *, zero: str = "Z") -> str:
    """`+02:00`, with seconds only when there are any."""
    sign, hours, minutes, seconds = offset_parts(moment)
    if not (hours or minutes or seconds):
        return zero
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")
