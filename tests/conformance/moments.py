"""The placeholders for time that corpora use, on a clock that stands still."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.moments import format_moment

_NOW = re.compile(r"(?P<base>now|today|tomorrow|yesterday)\s*((?P<sign>[+-])\s*(?P<amount>P[A-Z0-9.]+))?")
_CALL = re.compile(r"(?P<name>\w+)\((?P<inside>[^()]*)\)")
_TRUNCATED = re.compile(r"(?P<inside>.*) truncated to (?P<unit>\w+?)s?")
_UNITS = ("microsecond", "second", "minute", "hour", "day")
_DAYS = {"now": 0, "today": 0, "tomorrow": 1, "yesterday": -1}


class StandingClock:
    """Fills `{now-PT1H}`, `{trunc_hour(now)}`, `{hour(now)}`, `{today}`, `{now truncated to minutes}` and their like."""

    def __init__(self, zone: str = "UTC", now: Callable[[], datetime] | None = None) -> None:
        place = ZoneInfo(zone if zone != "any" else "UTC")
        moment = datetime.now(place)
        self._now = now or (lambda: moment)

    @property
    def now(self) -> datetime:
        return self._now()

    def fill(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"\{(.*)\}", value)
        if whole is not None and "{" not in whole[1]:
            found = self._placeholder(whole[1])
            return value if found is None else found
        return re.sub(r"\{([^{}\"']+)\}", lambda found: str(self._text(found[1], found[0])), value)

    def _text(self, text: str, whole: str) -> Any:
        found = self._placeholder(text)
        return whole if found is None else found

    def _placeholder(self, text: str) -> Any:
        """A number for `hour(now)` and the like, else text; None when it is no placeholder for time."""
        call, truncated = _CALL.fullmatch(text), _TRUNCATED.fullmatch(text)
        if truncated is not None and _NOW.fullmatch(truncated["inside"]):
            return format_moment(_truncated(self.moment(truncated["inside"]), truncated["unit"]))
        if call is not None and _NOW.fullmatch(call["inside"]):
            return _called(call["name"], self.moment(call["inside"]))
        if not _NOW.fullmatch(text):
            return None
        moment = self.moment(text)
        return format_moment(moment) if text.startswith("now") else moment.date().isoformat()

    def moment(self, text: str) -> datetime:
        """The moment of `now-PT1H` or `tomorrow`. ValueError when it is neither."""
        found = _NOW.fullmatch(text)
        if found is None:
            raise ValueError(text)
        amount = parse_duration(found["amount"]) if found["amount"] else timedelta(0)
        start = self.now + timedelta(days=_DAYS[found["base"]])
        return start - amount if found["sign"] == "-" else start + amount


def _called(name: str, moment: datetime) -> Any:
    verb, _, unit = name.partition("_")
    if verb in ("trunc", "truncate") and unit in _UNITS:
        return format_moment(_truncated(moment, unit))
    if name in ("year", "month", "day", "hour", "minute", "second"):
        return getattr(moment, name)
    return {"date": moment.date().isoformat(), "time": moment.time().isoformat()}.get(name)


def _truncated(moment: datetime, unit: str) -> datetime:
    below = _UNITS[: _UNITS.index(unit)]
    return moment.replace(**dict.fromkeys(below, 0))
