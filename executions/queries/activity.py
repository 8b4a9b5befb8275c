"""Executions counted by when they started and how they went: what charts are drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import EmptyResultSet
from django.db.models import Q

from control_plane.kernel.pipeline import Pipeline
from executions.models import Execution

MINUTE, HOUR, DAY = 60, 3_600, 86_400
WIDTHS = (
    *(1, 2, 5, 10, 15, 30),
    *(count * MINUTE for count in (1, 2, 5, 10, 15, 30)),
    *(count * HOUR for count in (1, 2, 3, 6, 12)),
    *(count * DAY for count in (1, 2, 7, 14, 28)),
)
"""Lengths of an interval, in seconds: round ones, so that bars begin where people expect them to."""

# The oldest start bounds what no time bounds; it is read from the end of an index. The lengths are chosen in the
# statement, so that it is one.
_COUNTED = """
WITH span AS (
    SELECT coalesce(%s::timestamptz, (SELECT min(start_date) FROM ({found}) AS oldest)) AS begin
), wide AS (
    SELECT begin, greatest(extract(epoch FROM %s::timestamptz - begin), 1) / %s AS shortest FROM span
), grain AS (
    SELECT begin, coalesce(
        (SELECT min(width) FROM unnest(%s::bigint[]) AS width WHERE width >= shortest),
        ceil(shortest / {day})::bigint * {day}
    ) AS width FROM wide
)
SELECT grain.begin, grain.width, floor(extract(epoch FROM found.start_date) / grain.width)::bigint * grain.width AS at,
    found.state, count(*)
FROM ({found}) AS found, grain
GROUP BY 1, 2, 3, 4 ORDER BY 3, 4
"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many executions that started in the interval from `start` on are in a state."""

    start: datetime
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class Activity:
    """All that match, counted. `interval` is in seconds; it and `begin` are None where nothing matches."""

    total: int = 0
    begin: datetime | None = None
    interval: int | None = None
    counts: tuple[Count, ...] = ()


def activity(matching: Q, begin: datetime | None, end: datetime, intervals: int) -> Activity:
    """From `begin`, or else the oldest start, to `end`, in at most so many intervals; empty ones are left out."""
    within = Q(start_date__lte=end) & (Q(start_date__gte=begin) if begin else Q())
    try:
        found, values = (
            Execution.objects.filter(matching & within).values("start_date", "state").query.sql_with_params()
        )
    except EmptyResultSet:
        return Activity()
    # One less than may be shown, for the first interval begins before the span does.
    given = [begin, *values, end, intervals - 1, list(WIDTHS), *values]
    pipeline = Pipeline()
    place = pipeline.add(_COUNTED.format(found=found, day=DAY), given)
    rows = pipeline.run()[place]
    if not rows:
        return Activity()
    counts = tuple(Count(datetime.fromtimestamp(int(at), UTC), state, count) for _, _, at, state, count in rows)
    return Activity(sum(each.count for each in counts), rows[0][0], int(rows[0][1]), counts)
