"""Read a date by a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from flows.expressions.dates.names import names_of
from flows.expressions.dates.patterns import Field, Optional, Part, parse_pattern
from flows.expressions.dates.reading import moment_of
from flows.expressions.dates.writing import NAMED, STYLES
from flows.expressions.dates.zones import zone
from flows.expressions.errors import ArgumentError, EvaluationError

OFFSET = r"(?:Z|[+-]\d{2}(?::?\d{2})?(?::?\d{2})?)"
MAX_TEXT = 200
READ_AS_THEY_ARE = ("iso", "iso_sec", "sql", "sql_seq", "rfc_1123_date_time")
Values = dict[str, str]


def read(text: str, format: str, target: tzinfo, locale: str) -> datetime:
    """The text as a moment in the target zone; raises `EvaluationError` when it does not fit the format."""
    if format in READ_AS_THEY_ARE or (format not in NAMED and format.startswith("iso_")):
        return moment_of(text, target)
    if format in STYLES:
        raise ArgumentError(f"A date cannot be read by the style `{format}`: give its pattern")
    expression, fields = _expression(NAMED.get(format, format), locale)
    match = expression.fullmatch(text.strip()) if len(text) <= MAX_TEXT else None
    if match is None:
        raise EvaluationError(f"The text `{text[:60]}` is not a date of the format `{format}`")
    values = {letter: match.group(name) for name, letter in fields if match.group(name) is not None}
    return _moment(values, format, target, locale)


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
        return _one_of(names.months if field.count == 4 else names.short_months)
    if field.letter in "Eec" and field.count != 2:
        return _one_of((*names.days, *names.short_days))
    if field.letter == "a":
        return _one_of((*names.halves, "AM", "PM"))
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


def _one_of(names: tuple[str, ...]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


def _moment(values: Values, format: str, target: tzinfo, locale: str) -> datetime:
    if "y" not in values and "yy" not in values:
        raise EvaluationError(f"The format `{format}` names no year")
    try:
        moment = datetime(_year(values), _month(values, locale), int(values.get("d", 1)), *_time(values, locale))
        if "D" in values:
            moment = moment.replace(month=1, day=1) + timedelta(days=int(values["D"]) - 1)
        return _placed(moment, values, target)
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"The text is not a date that exists: {error}") from None


def _placed(moment: datetime, values: Values, target: tzinfo) -> datetime:
    for letter in "XxZVvzO":
        if letter in values:
            return moment.replace(tzinfo=zone(values[letter])).astimezone(target)
    return moment.replace(tzinfo=target)


def _year(values: Values) -> int:
    return 2000 + int(values["yy"]) if "yy" in values else int(values["y"])


def _month(values: Values, locale: str) -> int:
    if "month name" not in values:
        return int(values.get("M", 1))
    names, wanted = names_of(locale), values["month name"].lower()
    for known in (names.months, names.short_months):
        lowered = [name.lower() for name in known]
        if wanted in lowered:
            return lowered.index(wanted) + 1
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
    return values.get("a", "").lower() in ("pm", names_of(locale).halves[1].lower())
