"""A value as it is given, made into a value of the type the author asked for.

Everything converted is fit for JSON: a moment, a day and a time are kept as ISO 8601 text, a duration as seconds.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from control_plane.kernel.words import strict_json
from control_plane.kernel.words.durations import parse_iso_duration
from control_plane.kernel.words.moments import format_moment, parse_moment, parse_time
from flows.model.documents.compose import compose_all
from flows.model.documents.limits import DocumentLimits
from flows.model.documents.scalars import canonical
from flows.model.documents.tree import plain
from flows.model.errors import FlowInvalid
from flows.model.inputs.ports import Keepers, Upload
from plugins.contracts import PluginError
from plugins.formats.ion import rows_of

STORED = "kestra://"
_URI = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:www\.)?[-a-zA-Z0-9@:%._+~#=]{1,256}"
    r"(?:\.[a-zA-Z0-9()]{1,6}\b|:\d{1,5}\b|(?<=localhost))?(?:[-a-zA-Z0-9()@:%_+.~#?&/=!$,;'*]*)"
)
_EMAIL = re.compile(r"[a-zA-Z0-9_!#$%&'*+/=?`{|}~^.-]{1,64}@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)*")
_INTEGER = re.compile(r"[-+]?\d{1,19}")
_MOST = 2**63
_LONGEST_DIGITS = 10_000
_TIME_OF_DAY = re.compile(r"[Tt ]\d{2}:\d{2}")
_NO_URI = re.compile(r"[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]")
_VALUE_LIMITS = DocumentLimits(bytes=16 * 1024 * 1024, nodes=500_000)


class Unfit(Exception):
    """The value is none of the type; says why in the words of the error message."""


def convert(
    type_name: str, value: Any, item_type: str | None = None, keepers: Keepers | None = None, own: str = ""
) -> Any:
    """The value as this type. Raises Unfit. `own` is the id of the input, under which its file is kept."""
    if type_name in ("ARRAY", "MULTISELECT"):
        return _array(type_name, value, item_type, keepers, own)
    if type_name == "FILE":
        return _file(value, keepers or Keepers(), own)
    if type_name == "SECRET":
        return _secret(value, keepers or Keepers())
    converted = _CONVERTERS[type_name](value)
    if _holds_nul(converted):
        raise Unfit(f"Invalid value for `{type_name}`: it holds a NUL character, which cannot be kept")
    return converted


def _holds_nul(value: Any) -> bool:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            if "\0" in each:
                return True
        elif isinstance(each, dict):
            left += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            left += each
    return False


def as_text(value: Any) -> str:
    """A value as it reads in a text: numbers and switches as JSON writes them, lists and maps as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return canonical(value)


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _MOST:
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()) and abs(int(value)) < _MOST:
        return int(value)
    raise _inconvertible(value, "Integer")


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _inconvertible(value, "Float")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise _inconvertible(value, "Float") from None
    if not math.isfinite(number) or abs(number) > 3.4028235e38:
        raise _inconvertible(value, "Float")
    return single_precision(number)


def single_precision(number: float) -> float:
    """The number with the digits that 32 bits can hold and no more, so that 42.42 stays 42.42."""
    single = struct.pack("f", number)
    for digits in range(6, 10):
        short = float(f"{number:.{digits}g}")
        if struct.pack("f", short) == single:
            return short
    return number


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else as_text(value).strip().lower() == "true"


def _moment(value: Any) -> str:
    """A day alone is no moment."""
    text = as_text(value)
    try:
        if _TIME_OF_DAY.search(text) is None:
            raise ValueError(text)
        return format_moment(parse_moment(text).astimezone(UTC))
    except (ValueError, OverflowError):
        raise _inconvertible(value, "Instant") from None


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(as_text(value).strip()).isoformat()
    except ValueError:
        raise _inconvertible(value, "LocalDate") from None


def _time(value: Any) -> str:
    try:
        time = parse_time(as_text(value))
    except ValueError:
        raise _inconvertible(value, "LocalTime") from None
    text = time.replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text


def _duration(value: Any) -> float:
    try:
        return parse_iso_duration(as_text(value)).total_seconds()
    except ValueError:
        raise _inconvertible(value, "Duration") from None


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        raise _unparsable(value, "JSON")
    try:
        return strict_json.loads(value, parse_int=_bounded_int)
    except strict_json.DuplicateKey as error:
        raise Unfit(f"Invalid value for `JSON`: {error}") from None
    except (ValueError, RecursionError):
        raise _unparsable(value, "JSON") from None


def _ion(value: Any) -> Any:
    """One value of Ion text, as JSON can hold it."""
    if not isinstance(value, str):
        raise _unparsable(value, "ION")
    try:
        rows = list(rows_of(io.BytesIO(value.encode())))
        if len(rows) != 1:
            raise _unparsable(value, "ION")
        return json.loads(json.dumps(rows[0], default=_spelt, allow_nan=False))
    except (PluginError, ValueError, RecursionError):
        raise _unparsable(value, "ION") from None


def _spelt(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return format_moment(value) if isinstance(value, datetime) else str(value)


def _bounded_int(word: str) -> int:
    if len(word) > _LONGEST_DIGITS:
        raise ValueError("a number of too many digits")
    return int(word)


def _yaml(value: Any) -> Any:
    if not isinstance(value, str):
        raise _unparsable(value, "YAML")
    try:
        documents = compose_all(value, _VALUE_LIMITS)
    except FlowInvalid:
        raise _unparsable(value, "YAML") from None
    if len(documents) > 1:
        raise _unparsable(value, "YAML")
    return plain(documents[0]) if documents else None


def _uri(value: Any) -> str:
    text = as_text(value)
    if text.startswith(":"):
        raise Unfit(f"Expected scheme name at index 0: {text}")
    if illegal := _NO_URI.search(text):
        raise Unfit(f"Illegal character in path at index {illegal.start()}: {text}")
    if not _URI.fullmatch(text):
        raise Unfit(f"Expected `URI` but received `{text}`")
    return text


def _email(value: Any) -> str:
    text = as_text(value)
    if text and not _EMAIL.fullmatch(text):
        raise Unfit("The input must be a valid email")
    return text


def _array(type_name: str, value: Any, item_type: str | None, keepers: Keepers | None, own: str) -> list[Any]:
    items = value if isinstance(value, list | tuple) else _items(type_name, value)
    if item_type is None:
        return list(items)
    return [_element(item_type, item, keepers, own) for item in items]


def _element(item_type: str, item: Any, keepers: Keepers | None, own: str) -> Any:
    try:
        return convert(item_type, item, None, keepers, own)
    except Unfit:
        raise Unfit(f"Unable to parse array element as `{item_type}` on `{_as_given(item)}`") from None


def _items(type_name: str, value: Any) -> list[Any]:
    try:
        items = strict_json.loads(value) if isinstance(value, str) else None
    except strict_json.DuplicateKey as error:
        raise Unfit(f"Invalid value for `{type_name}`: {error}") from None
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise _unparsable(value, type_name)
    return items


def _file(value: Any, keepers: Keepers, own: str) -> str:
    if isinstance(value, Upload):
        return keepers.keep_file(own, value) if keepers.keep_file else value.name
    text = as_text(value)
    if text.startswith((STORED, "nsfile://")):
        return text
    raise Unfit(f"The file '{text}' does not exist.")


def _secret(value: Any, keepers: Keepers) -> Any:
    if isinstance(value, dict):
        return value
    if keepers.close_secret is None:
        raise Unfit("Unable to use a `SECRET` input/output as encryption is not configured")
    return keepers.close_secret(as_text(value))


def _unparsable(value: Any, type_name: str) -> Unfit:
    return Unfit(f"Unable to parse `{_as_given(value)}` as `{type_name}`")


def _inconvertible(value: Any, meant: str) -> Unfit:
    return Unfit(f"Cannot convert value '{_as_given(value)}' to {meant}")


def _as_given(value: Any) -> str:
    return value.name if isinstance(value, Upload) else as_text(value)


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "STRING": as_text,
    "ENUM": as_text,
    "SELECT": as_text,
    "EMAIL": _email,
    "INT": _integer,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "BOOL": _boolean,
    "DATETIME": _moment,
    "DATE": _day,
    "TIME": _time,
    "DURATION": _duration,
    "JSON": _json,
    "YAML": _yaml,
    "ION": _ion,
    "URI": _uri,
}
