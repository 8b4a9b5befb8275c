"""Windows of time in which several conditions must be met, and what was met in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from control_plane.kernel.words.durations import Duration
from control_plane.kernel.words.moments import parse_time
from plugins.contracts import Model, Problem

_DAY = timedelta(days=1)
_INSTANT = timedelta(milliseconds=1)
_WORDS = {
    "window": "a window",
    "windowAdvance": "a window advance",
    "startTime": "a start time",
    "endTime": "an end time",
    "deadline": "a deadline",
}
_NEEDED = {
    "DURATION_WINDOW": (),
    "SLIDING_WINDOW": ("window",),
    "DAILY_TIME_WINDOW": ("endTime", "startTime"),
    "DAILY_TIME_DEADLINE": ("deadline",),
}
_ALLOWED = {**_NEEDED, "DURATION_WINDOW": ("window", "windowAdvance")}


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when to when, both included."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end


class TimeWindow(Model):
    """A window: so long and aligned to the clock, so long back from now, between two times of a day, or up to one."""

    type: Literal["DURATION_WINDOW", "SLIDING_WINDOW", "DAILY_TIME_WINDOW", "DAILY_TIME_DEADLINE"] = "DURATION_WINDOW"
    window: Duration | None = None
    window_advance: Duration | None = None
    start_time: str | None = None
    end_time: str | None = None
    deadline: str | None = None

    def problems(self) -> Iterable[Problem]:
        given = {name for name in _WORDS if self._value(name) is not None}
        for name in sorted(given - set(_ALLOWED[self.type])):
            yield Problem(f"Time window of type `{self.type}` cannot have {_WORDS[name]}.", name)
        for name in _NEEDED[self.type]:
            if name not in given:
                yield Problem(f"Time window of type `{self.type}` must have {_WORDS[name]}.", name)
        for name in sorted(given & {"startTime", "endTime", "deadline"}):
            yield from _time_problems(name, str(self._value(name)))

    def _value(self, name: str) -> Any:
        return getattr(self, _ATTRIBUTES[name])

    def bounds(self, now: datetime) -> Bounds:
        """The window that belongs to this moment, in the zone of the moment."""
        if self.type == "SLIDING_WINDOW":
            return Bounds(now - (self.window or _DAY), now)
        if self.type == "DURATION_WINDOW":
            return self._aligned(now)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = _at(midnight, self.start_time) if self.type == "DAILY_TIME_WINDOW" else midnight
        return Bounds(start, _at(midnight, self.end_time if self.type == "DAILY_TIME_WINDOW" else self.deadline))

    def _aligned(self, now: datetime) -> Bounds:
        length = self.window or _DAY
        start = _floor(now, length) + (self.window_advance or timedelta(0))
        return Bounds(start, start + length - _INSTANT)


_ATTRIBUTES = {
    "window": "window",
    "windowAdvance": "window_advance",
    "startTime": "start_time",
    "endTime": "end_time",
    "deadline": "deadline",
}


def _time_problems(name: str, text: str) -> Iterable[Problem]:
    try:
        parse_time(text)
    except ValueError as error:
        yield Problem(str(error), name)


def _at(midnight: datetime, text: str | None) -> datetime:
    moment = parse_time(text or "00:00:00")
    if moment.tzinfo is not None:
        return datetime.combine(midnight.date(), moment).astimezone(midnight.tzinfo)
    return datetime.combine(midnight.date(), moment, tzinfo=midnight.tzinfo)


def _floor(now: datetime, length: timedelta) -> datetime:
    """The last full day, hour or multiple of `length` in the hour, whichever the length is made of."""
    if length >= _DAY:
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    if length >= timedelta(hours=1):
        return now.replace(minute=0, second=0, microsecond=0)
    minutes = length // timedelta(minutes=1)
    if minutes:
        return now.replace(minute=now.minute - now.minute % minutes, second=0, microsecond=0)
    return now.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class WindowRecord:
    """What has been met in a window, each with when; kept by whoever looks at executions."""

    start: datetime
    end: datetime
    met: Mapping[str, datetime] = field(default_factory=dict)

    def is_expired(self, now: datetime) -> bool:
        """Whether nothing can be added any more."""
        return self.end < now


@dataclass(frozen=True, slots=True)
class Noted:
    """What to remember now, and whether everything needed has been met."""

    record: WindowRecord
    is_complete: bool


def note(
    window: TimeWindow,
    record: WindowRecord | None,
    met: Iterable[str],
    needed: Iterable[str],
    now: datetime,
    *,
    resets: bool = True,
    least: int | None = None,
) -> Noted:
    """Add what an execution has met now. What was met in an earlier window, or outside of any, does not count.

    Once everything needed is met, or `least` of it, the record is emptied, unless it is to be kept (`resets`).
    """
    bounds = window.bounds(now)
    known = _still_counting(window, record, bounds)
    if bounds.holds(now):
        known |= dict.fromkeys(met, now)
    end = now + (window.window or _DAY) if window.type == "SLIDING_WINDOW" else bounds.end
    wanted = set(needed)
    is_complete = bool(met) and len(wanted & set(known)) >= (len(wanted) if least is None else least)
    return Noted(WindowRecord(bounds.start, end, {} if is_complete and resets else known), is_complete)


def _still_counting(window: TimeWindow, record: WindowRecord | None, bounds: Bounds) -> dict[str, datetime]:
    if record is None:
        return {}
    if window.type == "SLIDING_WINDOW":
        return {name: when for name, when in record.met.items() if when >= bounds.start}
    return dict(record.met) if record.start == bounds.start else {}
