"""Compare a value with what a case expects of it: subsets of maps, matchers, typed values, placeholders."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.moments import parse_date, parse_moment, parse_time
from flows.model.inputs.convert import single_precision
from tests.conformance.moments import StandingClock

Read = Callable[[str], bytes]
OpenSecret = Callable[[Any], Any]


class UnknownMatcher(AssertionError):
    """A word of a case that nobody knows: the case fails."""


def no_files(uri: str) -> bytes:
    raise AssertionError(f"nothing is stored here: {uri}")


def no_secrets(value: Any) -> Any:
    raise AssertionError("nothing is encrypted here")


class Matching:
    """What placeholders stand for, and where files and secrets are read.

    Maps are subsets, an absent key is null. In a map whose keys begin with `$` each is a matcher or a type, and all
    of them must hold.
    """

    def __init__(
        self,
        *,
        read: Read = no_files,
        open_secret: OpenSecret = no_secrets,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        fill: Callable[[str], str] = lambda text: text,
        local_file: Callable[[str], str] | None = None,
    ) -> None:
        self.read = read
        self.open_secret = open_secret
        self.now = now
        self.clock = StandingClock(now=now)
        self._fill = fill
        self._local_file = local_file

    def fill(self, value: Any) -> Any:
        """A text with its placeholders replaced; what is no text stays."""
        if not isinstance(value, str):
            return value
        if value.startswith("$file:") and self._local_file is not None:
            return self._local_file(value.removeprefix("$file:"))
        filled = self._fill(value) if "$" in value or "{" in value else value
        return self.clock.fill(filled) if "{" in filled else filled

    def fits(self, answer: Any, expected: Any, *, exact: bool = False) -> bool:
        """`exact` asks for the same keys in every map."""
        expected = self.fill(expected)
        if isinstance(expected, Mapping):
            return self._map_fits(answer, expected, exact)
        if isinstance(expected, list):
            return _is_list(answer, len(expected)) and all(
                self.fits(each, wanted, exact=exact) for each, wanted in zip(answer, expected, strict=True)
            )
        if isinstance(expected, bool) or isinstance(answer, bool):
            return answer is expected
        return bool(answer == expected)

    def _map_fits(self, answer: Any, expected: Mapping[str, Any], exact: bool) -> bool:
        keys = {key if key in MATCHERS else self.fill(key): value for key, value in expected.items()}
        matched = {key: value for key, value in keys.items() if key in MATCHERS}
        if not all(self._matches(name, answer, wanted) for name, wanted in matched.items()):
            return False
        plain = {key: value for key, value in keys.items() if key not in MATCHERS}
        if matched and not plain:
            return True
        if not isinstance(answer, Mapping):
            _refuse_unknown(plain)
            return False
        _refuse_unknown([key for key in plain if key not in answer])
        if exact and answer.keys() != {key for key, value in plain.items() if value != {"$exists": False}}:
            return False
        return all(self._entry_fits(answer, key, value, exact) for key, value in plain.items())

    def _entry_fits(self, answer: Mapping[str, Any], key: str, expected: Any, exact: bool) -> bool:
        if expected == {"$exists": False}:
            return key not in answer or answer[key] is None
        return self.fits(answer.get(key), expected, exact=exact)

    def _matches(self, name: str, answer: Any, wanted: Any) -> bool:
        try:
            return MATCHERS[name](self, answer, self.fill(wanted))
        except (TypeError, ValueError, KeyError, AttributeError, IndexError):
            return False  # a value of another kind fits no matcher

    def content(self, uri: Any) -> str:
        """What is stored at an address, or at that of a map or list of one."""
        if isinstance(uri, Mapping):
            (uri,) = uri.values()
        if isinstance(uri, list):
            (uri,) = uri
        return self.read(str(uri)).decode()


def _refuse_unknown(keys: Iterable[str]) -> None:
    for key in keys:
        if key.startswith("$"):
            raise UnknownMatcher(f"the matcher {key} is unknown")


def _is_list(answer: Any, size: int) -> bool:
    return isinstance(answer, Sequence) and not isinstance(answer, str | bytes) and len(answer) == size


def _any_order(this: Matching, answer: Any, expected: list[Any]) -> bool:
    left = list(answer)
    for wanted in expected:
        found = next((index for index, each in enumerate(left) if this.fits(each, wanted)), None)
        if found is None:
            return False
        left.pop(found)
    return not left


def _contains(this: Matching, answer: Any, wanted: Any) -> bool:
    parts = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(answer, str):
        return all(str(this.fill(part)) in answer for part in parts)
    if isinstance(answer, Mapping):
        return all(part in answer for part in parts)
    return all(any(this.fits(each, part) for each in answer) for part in parts)


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else parse_moment(str(value))


def comparable(value: Any) -> Any:
    """Numbers as they are, also those in texts; else moments and durations."""
    if isinstance(value, bool):
        raise TypeError("a truth value has no order")
    if isinstance(value, int | float | datetime | timedelta):
        return value
    for read in (float, parse_moment, parse_duration, parse_time):
        try:
            return read(str(value))
        except Exception:  # each reader has an error of its own
            continue
    return str(value)


def _after(this: Matching, answer: Any, other: Any) -> bool:
    return bool(comparable(answer) > comparable(other))


def _between(this: Matching, answer: Any, bounds: Any) -> bool:
    low, high = (comparable(this.fill(bound)) for bound in bounds)
    return bool(low <= comparable(answer) <= high)


def _size(this: Matching, answer: Any, size: Any) -> bool:
    return this.fits(len(answer), size)


def _first_endswith(this: Matching, answer: Any, end: str) -> bool:
    first = next(iter(answer.values())) if isinstance(answer, Mapping) else answer[0]
    return str(first).endswith(end)


def _repeat(this: Matching, answer: Any, wanted: Any) -> bool:
    return bool(answer == repeated(wanted))


def repeated(wanted: Any) -> str:
    """`{text, times}`, or the two in a list."""
    text, times = (wanted["text"], wanted["times"]) if isinstance(wanted, Mapping) else wanted
    return str(text) * int(times)


def _storage_content(this: Matching, answer: Any, wanted: Any) -> bool:
    content = this.content(answer)
    if isinstance(wanted, str | Mapping):
        return this.fits(content, wanted)
    return this.fits(json.loads(content), wanted)


def _line_count(this: Matching, answer: Any, lines: Any) -> bool:
    return this.fits(len(this.content(answer).splitlines()), lines)


def _is_recent(this: Matching, answer: Any, seconds: float) -> bool:
    return abs(this.now() - _moment(answer)) <= timedelta(seconds=seconds)


def _seconds(value: Any) -> float:
    if isinstance(value, int | float):
        return float(value)
    return (value if isinstance(value, timedelta) else parse_duration(str(value))).total_seconds()


def _duration_seconds(this: Matching, answer: Any, wanted: Any) -> bool:
    return this.fits(_seconds(answer), wanted)


def _millis(answer: Any, millis: float) -> bool:
    return _moment(answer) == datetime.fromtimestamp(millis / 1000, UTC)


def _read_alike(read: Callable[[str], Any]) -> Callable[[Matching, Any, Any], bool]:
    """Both sides mean the same, however they are written."""

    def mean_the_same(this: Matching, answer: Any, wanted: Any) -> bool:
        if isinstance(answer, datetime | date | time | timedelta):
            return bool(answer == read(str(wanted)))
        return bool(read(str(answer)) == read(str(wanted)))

    return mean_the_same


def _set(this: Matching, answer: Any, wanted: Any) -> bool:
    return not isinstance(answer, str | Mapping) and _any_order(this, answer, wanted)


Check = Callable[[Matching, Any, Any], bool]
MATCHERS: dict[str, Check] = {
    "$contains": _contains,
    "$startswith": lambda this, answer, part: isinstance(answer, str) and answer.startswith(part),
    "$endswith": lambda this, answer, part: isinstance(answer, str) and answer.endswith(part),
    "$regex": lambda this, answer, pattern: answer is not None and re.search(pattern, str(answer)) is not None,
    "$exists": lambda this, answer, wanted: (answer is not None) is wanted,
    "$null": lambda this, answer, wanted: (answer is None) is wanted,
    "$not": lambda this, answer, other: not this.fits(answer, other),
    "$gt": _after,
    "$gte": lambda this, answer, least: bool(comparable(answer) >= comparable(least)),
    "$lt": lambda this, answer, bound: bool(comparable(answer) < comparable(bound)),
    "$lte": lambda this, answer, most: bool(comparable(answer) <= comparable(most)),
    "$after": _after,
    "$between": _between,
    "$in": lambda this, answer, options: any(this.fits(answer, option) for option in options),
    "$any_order": _any_order,
    "$size": _size,
    "$first_endswith": _first_endswith,
    "$repeat": _repeat,
    "$storage_content": _storage_content,
    "$storage_content_equals": _storage_content,
    "$storage_file_line_count": _line_count,
    "$decrypts_to": lambda this, answer, text: this.fits(this.open_secret(answer), text),
    "$encrypted": lambda this, answer, text: this.fits(this.open_secret(answer), text),
    "$duration_seconds": _duration_seconds,
    "$iso_datetime_within_seconds_of_now": _is_recent,
    "$instant": _read_alike(parse_moment),
    "$zoneddatetime": _read_alike(parse_moment),
    "$localdatetime": _read_alike(parse_moment),
    "$date": _read_alike(parse_date),
    "$time": _read_alike(parse_time),
    "$duration": _read_alike(parse_duration),
    "$date_ms": lambda this, answer, millis: _millis(answer, millis),
    "$float32": lambda this, answer, number: single_precision(float(answer)) == single_precision(float(number)),
    "$double": lambda this, answer, number: not isinstance(answer, bool) and float(answer) == float(number),
    "$long": lambda this, answer, number: not isinstance(answer, bool) and answer == int(number),
    "$char": lambda this, answer, text: str(answer) == text,
    "$uri": lambda this, answer, text: this.fits(str(answer), text),
    "$set": _set,
    "$array": lambda this, answer, wanted: this.fits(answer, wanted),
}
