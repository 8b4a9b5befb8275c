"""Functions of jq for dates."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.expressions.jq.errors import JqError
from flows.expressions.jq.functions.mathematics import number
from flows.expressions.jq.functions.texts import text
from flows.expressions.jq.natives import stream, value
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import Env, Item, Stream, computed
from flows.expressions.limits import Run

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z", re.ASCII)
MAX_FORMAT = 200


def _moment(run: Run, given: Any) -> datetime:
    """Seconds since 1970, or the parts of a broken-down time."""
    try:
        if isinstance(given, list):
            year, month, day, hour, minute, second = (int(number(run, each)) for each in given[:6])
            return datetime(year, 1, 1, tzinfo=UTC).replace(month=month + 1, day=day) + timedelta(
                hours=hour, minutes=minute, seconds=second
            )
        return EPOCH + timedelta(seconds=number(run, given))
    except (ValueError, OverflowError):
        raise JqError("the time is not one that exists") from None


def _parts(moment: datetime) -> list[Any]:
    seconds = moment.second + moment.microsecond / 1e6 if moment.microsecond else moment.second
    weekday, in_year = (moment.weekday() + 1) % 7, moment.timetuple().tm_yday - 1
    return [moment.year, moment.month - 1, moment.day, moment.hour, moment.minute, seconds, weekday, in_year]


@stream("now", 0)
def now(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
    clock = env.find("clock")
    moment = clock.value() if clock is not None else datetime.now(UTC)
    yield computed(item, (moment - EPOCH).total_seconds())


@value("todate")
@value("todateiso8601")
def todate(run: Run, given: Any) -> str:
    return f"{_moment(run, number(run, given)):%Y-%m-%dT%H:%M:%SZ}"


@value("fromdate")
@value("fromdateiso8601")
def fromdate(run: Run, given: Any) -> int:
    match = ISO.fullmatch(text(run, given, "fromdateiso8601"))
    if match is None:
        raise JqError(f'date "{given[:40]}" does not match format "%Y-%m-%dT%H:%M:%SZ"')
    try:
        return calendar.timegm(datetime(*map(int, match.groups())).timetuple())  # type: ignore[arg-type]  # six numbers
    except ValueError:
        raise JqError(f'date "{given[:40]}" does not exist') from None


@value("gmtime")
def gmtime(run: Run, given: Any) -> list[Any]:
    return _parts(_moment(run, number(run, given)))


@value("mktime")
def mktime(run: Run, given: Any) -> int:
    if not isinstance(given, list):
        raise JqError("mktime requires array of 6 numbers")
    return (_moment(run, given) - EPOCH) // timedelta(seconds=1)


@value("strftime", 1)
def strftime(run: Run, given: Any, format: Any) -> str:
    pattern = text(run, format, "strftime")
    if len(pattern) > MAX_FORMAT:
        raise JqError("strftime/1 requires a shorter format")
    return _moment(run, given).strftime(pattern)


@value("strptime", 1)
def strptime(run: Run, given: Any, format: Any) -> list[Any]:
    pattern = text(run, format, "strptime")
    try:
        return _parts(datetime.strptime(text(run, given, "strptime"), pattern))
    except (ValueError, re.error):
        raise JqError(f'date "{given[:40]}" does not match format "{pattern[:40]}"') from None
