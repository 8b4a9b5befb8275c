"""Cron expressions: nicknames, seconds, zones, and the moments they mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
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


@lru_cache(maxsize=4096)
def cron_problem(cron: str, with_seconds: bool) -> str | None:
    """Why an expression is no cron, or None. A date that never comes, as 31 February, is a reason."""
    try:
        _simulated(cron, with_seconds, datetime(2024, 1, 1))
    except CronSimError as error:
        return f"invalid cron expression '{cron[:_LONGEST]}': {str(error).lower()}"
    return None


def moments_after(cron: str, moment: datetime, zone: tzinfo, *, with_seconds: bool = False) -> Iterator[datetime]:
    """The moments of the expression later than this one, in the zone, earliest first.

    On the day clocks go forward a time that does not exist fires at the first one that does; on the day they go back
    a daily time fires once. Ends when there is no next moment within the reach of the calendar.
    """
    return iter(_simulated(cron, with_seconds, moment.astimezone(zone)))


def moments_before(cron: str, moment: datetime, zone: tzinfo, *, with_seconds: bool = False) -> Iterator[datetime]:
    """The moments earlier than this one, latest first."""
    return iter(_simulated(cron, with_seconds, moment.astimezone(zone), is_reversed=True))


def _simulated(cron: str, with_seconds: bool, moment: datetime, *, is_reversed: bool = False) -> CronSim:
    text = NICKNAMES.get(cron.strip().lower(), cron.strip())
    fields = text.split()
    if with_seconds and len(fields) == 5 and cron.strip().startswith("@"):
        fields = ["0", *fields]
    if len(text) > _LONGEST or len(fields) != (6 if with_seconds else 5):
        raise CronSimError(f"{6 if with_seconds else 5} fields are expected, but there are {len(fields)}")
    return CronSim(" ".join(fields), moment, reverse=is_reversed)
