"""Write a moment by a pattern or by the name of a format."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flows.expressions.dates.names import Names, names_of
from flows.expressions.dates.patterns import Field, Optional, Part, parse_pattern
from flows.expressions.dates.weeks import day_of_week, week_of_month, week_of_year
from flows.expressions.dates.zone_names import gmt, zone_name
from flows.expressions.dates.zones import offset_parts, offset_text, zone_id
from flows.expressions.errors import ArgumentError

NAMED = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_milli": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "sql_sec": "yyyy-MM-dd HH:mm:ss",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "iso_local_date": "uuuu-MM-dd",
    "iso_date": "uuuu-MM-dd[XXXXX]",
    "iso_ordinal_date": "uuuu-DDD[XXXXX]",
    "basic_iso_date": "uuuuMMdd[XX]",
    "rfc_1123_date_time": "EEE, d MMM uuuu HH:mm:ss ",
}
STYLES = ("full", "long", "medium", "short")
JULIAN_DAY_ZERO = date(1858, 11, 17)


def write(moment: datetime, format: str, locale: str) -> str:
    """The moment by a named format or a pattern; raises `ArgumentError` for one that does not exist."""
    if format in _SPELLERS:
        return _SPELLERS[format](moment)
    if format == "rfc_1123_date_time":
        return _parts(parse_pattern(NAMED[format]), moment, names_of("en")) + _rfc_offset(moment)
    names = names_of(locale)
    pattern = names.style(format) if format in STYLES else NAMED.get(format, format)
    return _parts(parse_pattern(pattern), moment, names)


def _parts(parts: tuple[Part, ...], moment: datetime, names: Names) -> str:
    return "".join(_part(part, moment, names) for part in parts)


def _part(part: Part, moment: datetime, names: Names) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Optional):
        return _parts(part.parts, moment, names)
    text = _field(part, moment, names)
    if part.pad and len(text) > part.pad:
        raise ArgumentError(f"`{text}` is wider than the {part.pad} places it is padded to")
    return text.rjust(part.pad)


def _rfc_offset(moment: datetime) -> str:
    sign, hours, minutes, _ = offset_parts(moment)
    return "GMT" if not hours and not minutes else f"{sign}{hours:02d}{minutes:02d}"


def _iso_time(moment: datetime) -> str:
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%H:%M:%S}{fraction}"


def _iso_local(moment: datetime) -> str:
    return f"{moment.year:04d}-{moment:%m-%d}T{_iso_time(moment)}"


def _iso_offset(moment: datetime) -> str:
    return _iso_local(moment) + offset_text(moment)


def _iso_zoned(moment: datetime) -> str:
    zone = zone_id(moment)
    return _iso_offset(moment) + (f"[{zone}]" if zone else "")


def _iso_instant(moment: datetime) -> str:
    utc = (moment - (moment.utcoffset() or datetime.min - datetime.min)).replace(tzinfo=None)
    fraction = f"{utc.microsecond:06d}"
    digits = "" if not utc.microsecond else "." + (fraction[:3] if fraction.endswith("000") else fraction)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}{digits}Z"


def _iso_week(moment: datetime) -> str:
    year, week, day = moment.isocalendar()
    return f"{year:04d}-W{week:02d}-{day}{offset_text(moment)}"


_SPELLERS: dict[str, Callable[[datetime], str]] = {
    "iso_date_time": _iso_zoned,
    "iso_zoned_date_time": _iso_zoned,
    "iso_offset_date_time": _iso_offset,
    "iso_local_date_time": _iso_local,
    "iso_instant": _iso_instant,
    "iso_time": lambda moment: _iso_time(moment) + offset_text(moment),
    "iso_offset_time": lambda moment: _iso_time(moment) + offset_text(moment),
    "iso_local_time": _iso_time,
    "iso_week_date": _iso_week,
    "iso_offset_date": lambda moment: f"{moment:%Y-%m-%d}{offset_text(moment)}",
}


def _field(field: Field, moment: datetime, names: Names) -> str:
    return _WRITERS[field.letter](field.count, moment, names)


Writer = Callable[[int, datetime, Names], str]


def _number(of: Callable[[datetime], int]) -> Writer:
    return lambda count, moment, names: f"{of(moment):0{count}d}"


def _year(count: int, moment: datetime, names: Names) -> str:
    return f"{moment.year % 100:02d}" if count == 2 else f"{moment.year:0{count}d}"


def _week_year(count: int, moment: datetime, names: Names) -> str:
    year, _ = week_of_year(moment.date(), names)
    return f"{year % 100:02d}" if count == 2 else f"{year:0{count}d}"


def _month(alone: bool) -> Writer:
    def write(count: int, moment: datetime, names: Names) -> str:
        return f"{moment.month:0{count}d}" if count < 3 else names.month(moment.month, count, alone=alone)

    return write


def _day_name(count: int, moment: datetime, names: Names) -> str:
    return names.day(moment.weekday(), count)


def _day_number_or_name(alone: bool) -> Writer:
    def write(count: int, moment: datetime, names: Names) -> str:
        if count < 3:
            return f"{day_of_week(moment.date(), names):0{count}d}"
        return names.day(moment.weekday(), count, alone=alone)

    return write


def _quarter(alone: bool) -> Writer:
    def write(count: int, moment: datetime, names: Names) -> str:
        quarter = (moment.month + 2) // 3
        return f"{quarter:0{count}d}" if count < 3 else names.quarter(quarter, count, alone=alone)

    return write


def _half(count: int, moment: datetime, names: Names) -> str:
    return names.halves()[moment.hour >= 12]


def _fraction(count: int, moment: datetime, names: Names) -> str:
    return f"{moment.microsecond:06d}".ljust(count, "0")[:count]


def _offset(zero: str) -> Writer:
    def write(count: int, moment: datetime, names: Names) -> str:
        sign, hours, minutes, seconds = offset_parts(moment)
        if zero and not (hours or minutes or seconds):
            return zero
        separator = ":" if count in (3, 5) else ""
        text = f"{sign}{hours:02d}"
        if count > 1 or minutes:
            text += f"{separator}{minutes:02d}"
        return text + (f"{separator}{seconds:02d}" if count > 3 and seconds else "")

    return write


def _rfc_zone(count: int, moment: datetime, names: Names) -> str:
    if count < 4:
        return _offset("")(2, moment, names)
    return _gmt(4, moment, names) if count == 4 else _offset("Z")(5, moment, names)


def _gmt(count: int, moment: datetime, names: Names) -> str:
    if count == 4 or not moment.utcoffset():
        return gmt(moment)
    sign, hours, minutes, _ = offset_parts(moment)
    return f"GMT{sign}{hours}" + (f":{minutes:02d}" if minutes else "")


def _zone_id(count: int, moment: datetime, names: Names) -> str:
    return zone_id(moment) or offset_text(moment)


def _zone_name(count: int, moment: datetime, names: Names) -> str:
    return zone_name(moment, names, is_long=count == 4)


def _generic_zone_name(count: int, moment: datetime, names: Names) -> str:
    return zone_name(moment, names, is_long=count == 4, is_generic=True)


def _since_midnight(moment: datetime) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond


_WRITERS: dict[str, Writer] = {
    "G": lambda count, moment, names: names.era(count),
    "u": _year,
    "y": _year,
    "Y": _week_year,
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "M": _month(alone=False),
    "L": _month(alone=True),
    "d": _number(lambda moment: moment.day),
    "Q": _quarter(alone=False),
    "q": _quarter(alone=True),
    "g": _number(lambda moment: (moment.date() - JULIAN_DAY_ZERO).days),
    "w": lambda count, moment, names: f"{week_of_year(moment.date(), names)[1]:0{count}d}",
    "W": lambda count, moment, names: f"{week_of_month(moment.date(), names):0{count}d}",
    "E": _day_name,
    "e": _day_number_or_name(alone=False),
    "c": _day_number_or_name(alone=True),
    "F": _number(lambda moment: (moment.day - 1) // 7 + 1),
    "a": _half,
    "B": lambda count, moment, names: names.part_of_day(moment, count),
    "h": _number(lambda moment: (moment.hour - 1) % 12 + 1),
    "K": _number(lambda moment: moment.hour % 12),
    "k": _number(lambda moment: moment.hour or 24),
    "H": _number(lambda moment: moment.hour),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": _fraction,
    "A": _number(lambda moment: _since_midnight(moment) // 1000),
    "n": _number(lambda moment: moment.microsecond * 1000),
    "N": _number(lambda moment: _since_midnight(moment) * 1000),
    "V": _zone_id,
    "v": _generic_zone_name,
    "z": _zone_name,
    "O": _gmt,
    "X": _offset("Z"),
    "x": _offset(""),
    "Z": _rfc_zone,
}
