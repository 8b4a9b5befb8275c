"""Read a date by a pattern."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from flows.expressions.dates.names import Names, names_of
from flows.expressions.dates.patterns import Field, Optional, Part, parse_pattern
from flows.expressions.dates.reading import local, moment_of
from flows.expressions.dates.writing import NAMED, STYLES
from flows.expressions.dates.zones import zone
from flows.expressions.errors import ArgumentError, EvaluationError

OFFSET = r"(?:Z|[+-]\d{2}(?::?\d{2})?(?::?\d{2})?)"
MAX_TEXT = 200
READ_AS_THEY_ARE = ("iso", "iso_milli", "iso_sec", "sql", "sql_milli", "sql_sec", "sql_seq", "rfc_1123_date_time")
TIMES = "HhKkAnNms"
WEEK_DATE = re.compile(rf"(\d{{4}})-W(\d{{2}})-([1-7])({OFFSET})?", re.IGNORECASE)
Values = dict[str, str]


def read(text: str, format: str, target: tzinfo, locale: str) -> datetime:
    """The text as a moment in the target zone; raises `EvaluationError` when it does not fit the format.

    A day that its month does not have is the last of that month.
    """
    if format == "iso_week_date":
        return _week_date(text, target)
    if format in READ_AS_THEY_ARE or (format not in NAMED and format.startswith("iso_")):
        return moment_of(text, target)
    if format in STYLES:
        raise ArgumentError(f"A date cannot be read by the style `{format}`: give its pattern")
    expression, fields = _expression(NAMED.get(format, format), locale)
    match = expression.fullmatch(text.strip()) if len(text) <= MAX_TEXT else None
    if match is None:
        raise _unfit(text, format)
    values = {letter: match.group(name) for name, letter in fields if match.group(name) is not None}
    return _moment(values, format, target, locale)


def _unfit(text: str, format: str) -> EvaluationError:
    return EvaluationError(f"The text `{text[:60]}` is not a date of the format `{format}`")


def _week_date(text: str, target: tzinfo) -> datetime:
    match = WEEK_DATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        day = datetime.fromisocalendar(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise _unfit(text, "iso_week_date") from None
    return _placed(day, {"X": match[4]} if match[4] else {}, target)


@lru_cache(maxsize=256)
def _expression(pattern: str, locale: str) -> tuple[re.Pattern[str], tuple[tuple[str, str], ...]]:
    fields: list[tuple[str, str]] = []
    text = _parts(parse_pattern(pattern), locale, fields)
    return re.compile(text, re.IGNORECASE), tuple(fields)


def _parts(parts: tuple[Part, ...], locale: str, fields: list[tuple[str, str]]) -> str:
    """The regular expression of some parts; adjacent numbers take exactly the digits that the pattern shows."""
    pieces: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, str):
            pieces.append(re.escape(part))
        elif isinstance(part, Optional):
            pieces.append(f"(?:{_parts(part.parts, locale, fields)})?")
        else:
            following = parts[index + 1] if index + 1 < len(parts) else None
            fields.append((f"f{len(fields)}", _handler(part)))
            pieces.append(f"(?P<f{len(fields) - 1}>{_field(part, locale, isinstance(following, Field))})")
    return "".join(pieces)


def _handler(field: Field) -> str:
    if field.letter in "ML":
        return "M" if field.count < 3 else "month name"
    if field.letter in "uy":
        return "yy" if field.count == 2 else "y"
    return field.letter


def _field(field: Field, locale: str, tight: bool) -> str:
    names = names_of(locale)
    if field.letter in "ML" and field.count >= 3:
        return _one_of(_months(names, field.count))
    if field.letter in "Eec" and field.count != 2:
        return _one_of([names.day(day, count) for day in range(7) for count in (3, 4)])
    if field.letter == "a":
        return _one_of((*names.halves(), "AM", "PM"))
    if field.letter in "XxZ":
        return OFFSET
    if field.letter in "VvzO":
        return r"[A-Za-z][\w/+:-]*|" + OFFSET
    if field.letter not in _NUMERIC:
        raise ArgumentError(f"A date cannot be read by the field `{field.letter}`")
    if tight or field.count > 1 or field.letter == "S":
        return rf"\d{{{field.count}}}"
    return r"\d{1,19}" if field.letter in "AnN" else r"\d{1,9}" if field.letter in "uy" else r"\d{1,3}"


_NUMERIC = "uyMLdDHhKkmsSAnN"


def _months(names: Names, count: int) -> list[str]:
    return [names.month(month, count, alone=alone) for month in range(1, 13) for alone in (False, True)]


def _one_of(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _moment(values: Values, format: str, target: tzinfo, locale: str) -> datetime:
    if "y" not in values and "yy" not in values:
        raise EvaluationError(f"The format `{format}` names no year")
    try:
        year, month = _year(values), _month(values, locale)
        moment = datetime(year, month, _day(values, year, month), *_time(values, locale))
        if "D" in values:
            moment = moment.replace(month=1, day=1) + timedelta(days=int(values["D"]) - 1)
        if moment.year != year:
            raise ValueError("the year has fewer days")
        return _placed(moment, values, target)
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"The text is not a date that exists: {error}") from None


def _day(values: Values, year: int, month: int) -> int:
    day = int(values.get("d", 1))
    return min(day, monthrange(year, month)[1]) if day <= 31 else day


def _placed(moment: datetime, values: Values, target: tzinfo) -> datetime:
    """A day without a time is that day in the target zone, whatever zone it names."""
    for letter in "XxZVvzO":
        if letter in values and not values.keys().isdisjoint(TIMES):
            return local(moment, zone(values[letter])).astimezone(target)
    return local(moment, target)


def _year(values: Values) -> int:
    return 2000 + int(values["yy"]) if "yy" in values else int(values["y"])


def _month(values: Values, locale: str) -> int:
    if "month name" not in values:
        return int(values.get("M", 1))
    names, wanted = names_of(locale), values["month name"].lower()
    for count in (4, 3, 5):
        lowered = [name.lower() for name in _months(names, count)]
        if wanted in lowered:
            return lowered.index(wanted) // 2 + 1
    return 1


def _time(values: Values, locale: str) -> tuple[int, int, int, int]:
    return _hour(values, locale), int(values.get("m", 0)), int(values.get("s", 0)), _micros(values)


def _micros(values: Values) -> int:
    if "n" in values:
        return int(values["n"]) // 1000
    return int(values.get("S", "0").ljust(6, "0")[:6])


_HOURS: dict[str, Callable[[int], int]] = {"H": int, "k": lambda hour: hour % 24, "h": lambda hour: hour % 12, "K": int}


def _hour(values: Values, locale: str) -> int:
    for letter, convert in _HOURS.items():
        if letter in values:
            return convert(int(values[letter])) + (12 if letter in "hK" and _is_afternoon(values, locale) else 0)
    return 0


def _is_afternoon(values: Values, locale: str) -> bool:
    return values.get("a", "").lower() in ("pm", names_of(locale).halves()[1].lower())
