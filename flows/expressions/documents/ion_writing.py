"""Write values as Ion text."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flows.expressions.dates.spelling import duration_seconds, is_instant, is_offset
from flows.expressions.dates.zones import offset_text, zone_id
from flows.expressions.errors import EvaluationError
from flows.expressions.taint import plain_text

SYMBOL = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
KEYWORDS = {"null", "true", "false", "nan"}


def ion_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_symbol(key)}:{ion_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple | set | frozenset):
        return "[" + ",".join(map(ion_text, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value) if isinstance(value, int | float | Decimal) else _other(value)


def _symbol(key: Any) -> str:
    text = plain_text(key) if isinstance(key, str) else str(key)
    if SYMBOL.fullmatch(text) and text not in KEYWORDS:
        return text
    return "'" + _quoted(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def _number(value: int | float | Decimal) -> str:
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal):
        return _decimal(Decimal.__str__(value))
    special = {"inf": "+inf", "-inf": "-inf", "nan": "nan"}
    text = float.__repr__(value)
    return special.get(text) or (text if "e" in text else f"{text}e0")


def _decimal(text: str) -> str:
    """With a point or an exponent, so that it is read back as an exact number."""
    return text.replace("E+", "d").replace("E", "d") if "E" in text else text if "." in text else f"{text}."


def _other(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(plain_text(value))
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f'LocalTime::"{_time(value)}"'
    if isinstance(value, timedelta):
        return duration_seconds(value)
    if isinstance(value, bytes):
        return "{{" + base64.b64encode(value).decode() + "}}"
    raise EvaluationError(f"A value of type {type(value).__name__} cannot be written as Ion")


def _moment(value: datetime) -> str:
    """A point in time is a timestamp, to the millisecond; a date somewhere is a text that says where."""
    if is_instant(value):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    text = f"{value.date().isoformat()}T{_time(value.time())}"
    if value.tzinfo is None:
        return f'LocalDateTime::"{text}"'
    kind, zone = "OffsetDateTime" if is_offset(value) else "ZonedDateTime", zone_id(value)
    return f'{kind}::"{text}{offset_text(value)}{f"[{zone}]" if zone else ""}"'


def _time(value: time) -> str:
    fraction = f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""
    return f"{value:%H:%M:%S}{fraction}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
