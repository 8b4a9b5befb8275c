"""Time zones by name or offset, and how offsets are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.expressions.errors import ArgumentError

OFFSET = re.compile(r"(?P<prefix>UTC|GMT|UT)?(?P<sign>[+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
# Names that the tz database does not have, and that people write all the same.
SHORT_NAMES = {
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "MDT": "America/Denver",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "EDT": "America/New_York",
    "CEST": "Europe/Paris",
    "EEST": "Europe/Bucharest",
    "BST": "Europe/London",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
}


class PrefixedOffset(tzinfo):
    """A fixed offset that is called `UTC+02:00`, `GMT-05:00` or `UT`."""

    def __init__(self, prefix: str, offset: timedelta) -> None:
        self._offset = offset
        self.name = prefix + (_spelt(offset) if offset else "")

    def utcoffset(self, moment: datetime | None) -> timedelta:
        return self._offset

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta()

    def tzname(self, moment: datetime | None) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"PrefixedOffset({self.name!r})"


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """A zone by its region (`Europe/Paris`, `UTC`), offset (`+02:00`, `UTC-3`) or `Z`; raises `ArgumentError`."""
    text = name.strip()
    if text in ("Z", "z"):
        return UTC
    if text == "UT":
        return PrefixedOffset(text, timedelta())
    if (match := OFFSET.fullmatch(text)) is not None:
        return _offset(match, name)
    return _region(text, name)


def _region(text: str, name: str) -> tzinfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if text in SHORT_NAMES:
            return ZoneInfo(SHORT_NAMES[text])
        raise ArgumentError(f"Unknown time zone `{name[:60]}`") from None


def _offset(match: re.Match[str], name: str) -> tzinfo:
    prefix, sign, hours, minutes, seconds = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    if offset > timedelta(hours=18):
        raise ArgumentError(f"Unknown time zone `{name[:60]}`")
    offset = -offset if sign == "-" else offset
    if prefix:
        return PrefixedOffset(prefix, offset)
    return timezone(offset) if offset else UTC


def zone_id(moment: datetime) -> str | None:
    """What the zone of a moment is called, unless it is a bare offset."""
    if isinstance(moment.tzinfo, ZoneInfo):
        return moment.tzinfo.key
    return moment.tzinfo.name if isinstance(moment.tzinfo, PrefixedOffset) else None


def offset_parts(moment: datetime) -> tuple[str, int, int, int]:
    return _parts(moment.utcoffset() or timedelta())


def _parts(offset: timedelta) -> tuple[str, int, int, int]:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    return sign, seconds // 3600, seconds // 60 % 60, seconds % 60


def offset_text(moment: datetime, *, zero: str = "Z") -> str:
    """`+02:00`, with seconds only when there are any."""
    offset = moment.utcoffset()
    return _spelt(offset) if offset else zero


def _spelt(offset: timedelta) -> str:
    sign, hours, minutes, seconds = _parts(offset)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")
