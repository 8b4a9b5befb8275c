"""Typed reading of the query string; anything not understood is a BadParameter that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from control_plane.kernel.words.clock import parse_iso
from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.errors import BadParameter

# As long as a column of the database holds, whatever the digits are.
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "": True}


def text(values: Mapping[str, str], name: str, default: str | None = None) -> str | None:
    value = values.get(name)
    if value is None:
        return default
    return clean(name, value)


def required(values: Mapping[str, str], name: str) -> str:
    value = text(values, name)
    if not value:
        raise BadParameter(f"`{name}` is needed")
    return value


def clean(name: str, value: str) -> str:
    """PostgreSQL keeps no NUL in text, and no id or search has one."""
    if "\x00" in value:
        raise BadParameter(f"`{name}` holds a NUL character")
    return value


def flag(values: Mapping[str, str], name: str, default: bool = False) -> bool:
    value = values.get(name)
    if value is None:
        return default
    if value.lower() not in _FLAGS:
        raise BadParameter(f"`{name}` must be true or false")
    return _FLAGS[value.lower()]


def number(
    values: Mapping[str, str], name: str, default: int, *, at_least: int | None = None, at_most: int | None = None
) -> int:
    value = values.get(name)
    if value is None or value == "":
        return default
    result = whole(name, value)
    if at_least is not None and result < at_least:
        raise BadParameter(f"`{name}` must be at least {at_least}")
    if at_most is not None and result > at_most:
        raise BadParameter(f"`{name}` must be at most {at_most}")
    return result


def whole(name: str, value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise BadParameter(f"`{name}` must be a whole number")
    return int(value)


def moment(name: str, value: str) -> datetime:
    try:
        return parse_iso(value.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise BadParameter(f"`{name}` must be a date like 2030-01-31T12:00:00Z") from None


def duration(name: str, value: str) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise BadParameter(f"`{name}`: {error}") from None
