"""Cron expressions: nicknames, seconds, zones, and the moments they mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from cronsim import CronSim, CronSimError

NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_LONGEST = 1_000
_LONGEST_SHIFT = timedelta(hours=25)
"""No clock has ever been set by more than a day."""


@lru_cache(maxsize=4096)
def cron_problem(cron: str, with_seconds: bool) -> str | None:
    """Why an expression is no cron, or None. A date that never comes, as 31 February, is a reason."""
    try:
        _simulated(_fields(cron, with_seconds), datetime(2024, 1, 1))
    except CronSimError as error:
        return f"invalid cron expression '{cron[:_LONGEST]}': {str(error).lower()}"
    return None


def moments_after(cron: str, moment: datetime, zone: tzinfo, *, with_seconds: bool = False) -> Iterator[datetime]:
    """The moments of the expression later than this one, in the zone, earliest first.

    A time of the day fires once a day: when clocks go back and show it twice, at the first; when they go forward and
    skip it, at the first that they show. A rhythm of minutes or hours (`*`, `*/15`) follows the time that passes.
    Ends where the calendar does.
    """
    return _moments(cron, with_seconds, moment.astimezone(zone), zone, is_reversed=False)


def moments_before(cron: str, moment: datetime, zone: tzinfo, *, with_seconds: bool = False) -> Iterator[datetime]:
    """The moments earlier than this one, latest first."""
    return _moments(cron, with_seconds, moment.astimezone(zone), zone, is_reversed=True)


def _moments(cron: str, with_seconds: bool, moment: datetime, zone: tzinfo, *, is_reversed: bool) -> Iterator[datetime]:
    fields = _fields(cron, with_seconds)
    if fields[-4].startswith("*") or fields[-5].startswith("*"):
        return iter(_simulated(fields, moment, is_reversed=is_reversed))
    around = moment.replace(tzinfo=None, fold=0) + (_LONGEST_SHIFT if is_reversed else -_LONGEST_SHIFT)
    return _placed(iter(_simulated(fields, around, is_reversed=is_reversed)), moment, zone, is_reversed=is_reversed)


def _placed(times: Iterator[datetime], moment: datetime, zone: tzinfo, *, is_reversed: bool) -> Iterator[datetime]:
    """What clocks of the zone show as moments there: in order, each once, beyond the one they are counted from."""
    last = moment
    for time in times:
        found = _first_shown(time, zone)
        moved = found.astimezone(UTC) - last.astimezone(UTC)
        if moved < timedelta() if is_reversed else moved > timedelta():
            yield found
            last = found


def _first_shown(time: datetime, zone: tzinfo) -> datetime:
    """The first moment at which clocks show that time, or the one after it when they skip it."""
    placed = time.replace(tzinfo=zone)
    late = placed.astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == time:
        return placed
    early = placed.replace(fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late.replace(microsecond=0).astimezone(zone)


def _fields(cron: str, with_seconds: bool) -> list[str]:
    """Raises CronSimError when there are too few or too many."""
    text = NICKNAMES.get(cron.strip().lower(), cron.strip())
    fields = text.split()
    if with_seconds and len(fields) == 5 and cron.strip().startswith("@"):
        fields = ["0", *fields]
    if len(text) > _LONGEST or len(fields) != (6 if with_seconds else 5):
        raise CronSimError(f"{6 if with_seconds else 5} fields are expected, but there are {len(fields)}")
    for place, whole in ((-3, "1-31"), (-1, "0-6")):
        fields[place] = ",".join(_restricting(part, whole) for part in fields[place].split(","))
    return fields


def _simulated(fields: list[str], moment: datetime, *, is_reversed: bool = False) -> CronSim:
    return CronSim(" ".join(fields), moment, reverse=is_reversed)


def _restricting(part: str, whole: str) -> str:
    """A step restricts the days as a range does: either of two restricted fields is enough. A step of 1 does not."""
    star, _, step = part.partition("/")
    if star != "*" or not step.isdecimal():
        return part
    return "*" if int(step) == 1 else f"{whole}/{step}"
