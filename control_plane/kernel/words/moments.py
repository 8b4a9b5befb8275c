"""Dates, times and moments as ISO 8601 writes them, zones included."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from control_plane.kernel.words.clock import digits_of

_REGION = re.compile(r"\[([^\]]+)\]\Z")
_FRACTION = re.compile(r"(\.\d{6})\d+")
_LONGEST = 100


def zone(name: str) -> tzinfo:
    """A zone by its region (`Europe/Paris`), as `UTC` or `Z`, or as an offset (`+02:00`). Raises ValueError."""
    if name in ("Z", "UTC", "GMT"):
        return UTC
    if re.fullmatch(r"(UTC|GMT)?[+-]\d{2}(:?\d{2})?", name):
        offset = datetime.fromisoformat(f"2000-01-01T00:00:00{name.removeprefix('UTC').removeprefix('GMT')}").tzinfo
        assert offset is not None  # the text just read ends in an offset
        return offset
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"Unknown time-zone ID: {name[:_LONGEST]}") from None


def parse_moment(text: str, default_zone: tzinfo = UTC) -> datetime:
    """A moment with its zone: `2024-05-01T10:00:00Z`, `…+02:00`, `…+02:00[Europe/Paris]`; a bare date is its midnight.

    Without a zone it is read in `default_zone`. Raises ValueError with a sentence about the text.
    """
    word = text.strip()
    region = _REGION.search(word)
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r"\1", word[: region.start()] if region else word))
    except ValueError:
        raise ValueError(f"`{word[:_LONGEST]}` is not a date with time like `2024-05-01T10:00:00Z`") from None
    if region:
        there = zone(region[1])
        return moment.replace(tzinfo=there) if moment.tzinfo is None else moment.astimezone(there)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=default_zone)


def parse_date(text: str) -> date:
    """A day; of a moment, the day it names. Raises ValueError."""
    word = text.strip()
    try:
        return date.fromisoformat(word)
    except ValueError:
        try:
            return parse_moment(word).date()
        except ValueError:
            raise ValueError(f"`{word[:_LONGEST]}` is not a date like `2024-05-01`") from None


def parse_time(text: str) -> time:
    """A time of day, with an offset when it is written with one. Raises ValueError."""
    word = text.strip()
    try:
        return time.fromisoformat(_FRACTION.sub(r"\1", word))
    except ValueError:
        raise ValueError(f"`{word[:_LONGEST]}` is not a time like `16:30:00`") from None


def parse_wall_time(text: str) -> time:
    """A time of day as clocks on the wall show it: an offset is left out. Raises ValueError."""
    return parse_time(text).replace(tzinfo=None)


def format_moment(moment: datetime) -> str:
    """ISO 8601 with seconds, and as many digits of them as are needed, in groups of three; UTC as `Z`."""
    text = moment.replace(tzinfo=None).isoformat(timespec=digits_of(moment))
    offset = moment.utcoffset()
    if offset is None:
        return text
    return f"{text}Z" if not offset else f"{text}{moment.strftime('%z')[:3]}:{moment.strftime('%z')[3:5]}"
