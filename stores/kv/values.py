"""Typed values of the key-value store: how a text becomes one, and how it is shown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from control_plane.kernel.words import strict_json
from control_plane.kernel.words.clock import iso, parse_iso
from control_plane.kernel.words.durations import format_duration, parse_duration
from control_plane.kernel.words.errors import Invalid

_KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")
_LONGEST_KEY = 255
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?")
_DURATION = re.compile(r"-?P(?=\d|T\d)[0-9.DTHMSWY-]+")
TYPES = ("STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON")


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value as JSON keeps it, with its type: dates and durations are text."""

    type: str
    value: Any


def check_key(key: str) -> None:
    """Raises Invalid with the rule."""
    if not _KEY.fullmatch(key) or len(key) > _LONGEST_KEY:
        raise Invalid(
            "Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric "
            "characters (uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
        )


def read_value(text: str) -> TypedValue:
    """A value from the text of a request: JSON where it is JSON, else a date, a duration, or the bare text itself."""
    word = text.strip()
    try:
        return typed(strict_json.loads(word))
    except strict_json.DuplicateKey as error:
        raise Invalid(str(error)) from None
    except (ValueError, RecursionError):
        return _bare(word)


def typed(value: Any, wanted: str | None = None) -> TypedValue:
    """The type of a native value, or the value as `wanted`. Raises Invalid when it cannot be that."""
    if wanted is not None:
        return _as_wanted(value, wanted)
    if isinstance(value, bool):
        return TypedValue("BOOLEAN", value)
    if isinstance(value, int | float):
        return TypedValue("NUMBER", value)
    if isinstance(value, str):
        return TypedValue("STRING", value)
    return TypedValue("JSON", value)


def _bare(word: str) -> TypedValue:
    if _DATE.fullmatch(word) and _is_iso(date.fromisoformat, word):
        return TypedValue("DATE", word)
    if _DATE_TIME.fullmatch(word) and _is_iso(datetime.fromisoformat, word):
        return TypedValue("DATETIME", _instant(word))
    if _DURATION.fullmatch(word) and _is_iso(parse_duration, word):
        return TypedValue("DURATION", format_duration(parse_duration(word)))
    return TypedValue("STRING", word)


def _as_wanted(value: Any, wanted: str) -> TypedValue:
    if wanted not in TYPES:
        raise Invalid(f"`{wanted}` is no type of value: use one of {', '.join(TYPES)}")
    if wanted == "STRING":
        return TypedValue("STRING", value if isinstance(value, str) else json.dumps(value))
    if wanted == "JSON":
        is_text = isinstance(value, str) and _is_iso(strict_json.loads, value)
        return TypedValue("JSON", strict_json.loads(value) if is_text else value)
    found = read_value(value) if isinstance(value, str) else typed(value)
    if found.type != wanted:
        raise Invalid(f"the value is no {wanted}")
    return found


def _is_iso(parse: Any, word: str) -> bool:
    try:
        parse(word)
    except ValueError:
        return False
    return True


def _instant(word: str) -> str:
    """UTC without a fraction that says nothing: `...08.000Z` reads back as `...08Z`."""
    return iso(parse_iso(word))
