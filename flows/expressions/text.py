"""How a value is written: as `{{ }}` prints it, as a text among texts, and as JSON."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from control_plane.kernel.words.durations import format_duration
from flows.expressions.dates.spelling import duration_seconds, moment_json, moment_text, time_text
from flows.expressions.entries import Entry
from flows.expressions.errors import EvaluationError
from flows.expressions.limits import Run
from flows.expressions.numbers import Long, number_text
from flows.expressions.taint import TAINTED, TaintedText, join, plain_text

CONTROL = re.compile(r"((?<!\\)(?:\\\\)*\\u00)([01][0-9a-f])")
PLAIN = frozenset({str, int, bool, type(None)})
CONTAINERS = (Mapping, list, tuple, set, frozenset)


def printed(value: Any, run: Run) -> str:
    """What `{{ value }}` prints: a map or a list as JSON, null as nothing, an exact number without an exponent."""
    kind = type(value)
    if kind is str or kind is TaintedText:
        return value  # type: ignore[no-any-return]  # the type was just looked at
    if kind is int or kind is Long:
        return int.__repr__(value)
    if value is None:
        return ""
    if isinstance(value, CONTAINERS) or kind is bytes:
        return json_text(value, run)
    if isinstance(value, Decimal) and value.is_finite():
        text = f"{value:f}"
        return TaintedText(text) if isinstance(value, TAINTED) else text
    return _scalar_text(value)


def text_of(value: Any, run: Run) -> str:
    """The value as a text among texts: null is empty, maps and lists are spelt as `{a=1}` and `[1, x]`."""
    kind = type(value)
    if kind is str or kind is TaintedText:
        return value  # type: ignore[no-any-return]  # the type was just looked at
    if kind is int or kind is Long:
        return int.__repr__(value)
    if value is None:
        return ""
    if isinstance(value, CONTAINERS):
        run.room_for(run.measure(value))
        return _gathered(_spelt(value), run)
    return _scalar_text(value)


def _gathered(pieces: Iterable[str], run: Run) -> str:
    """The pieces as one text, refused as soon as it grows too long."""
    kept: list[str] = []
    total = 0
    for piece in pieces:
        total += len(piece)
        run.room_for(total)
        kept.append(piece)
    return run.made_text(join(kept))


def _spelt(value: Any) -> Iterator[str]:
    """A value inside a map or a list, where null is a word."""
    if isinstance(value, Entry):
        yield from (*_spelt(value.key), "=", *_spelt(value.value))
    elif isinstance(value, Mapping):
        between = "{"
        for key, each in value.items():
            yield between
            yield from _spelt(key)
            yield "="
            yield from _spelt(each)
            between = ", "
        yield "{}" if between == "{" else "}"
    elif isinstance(value, list | tuple | set | frozenset):
        between = "["
        for each in value:
            yield between
            yield from _spelt(each)
            between = ", "
        yield "[]" if between == "[" else "]"
    else:
        yield "null" if value is None else value if isinstance(value, TaintedText) else _scalar_text(value)


def item_text(value: Any, run: Run) -> str:
    """The text of one of several values that are joined, where null is a word."""
    return "null" if value is None else text_of(value, run)


def _scalar_text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    text = _written(value)
    if text is None:
        raise EvaluationError(f"A value of type {type(value).__name__} cannot be printed")
    return TaintedText(text) if isinstance(value, TAINTED) else text


def _written(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return time_text(value)
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, UUID):
        return str(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def json_text(value: Any, run: Run, *, nulls: bool = False) -> str:
    """Compact JSON with keys in their order; secret texts inside keep their exact place.

    An entry of a map that is null is left out, unless `nulls` are asked for; a null in a list stays.
    """
    run.room_for(run.measure(value))
    if _is_plain(value, nulls):
        return run.made_text(_with_capitals(_encode(value)))
    return _gathered(_json(value, nulls), run)


_encode: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def _with_capitals(text: str) -> str:
    """Control characters are escaped with capital digits: `\\u001B`."""
    if "\\u00" not in text:
        return text
    return CONTROL.sub(lambda match: match[1] + match[2].upper(), text)


def _is_plain(value: Any, nulls: bool) -> bool:
    """Whether the standard encoder writes the value exactly as we would."""
    kind = type(value)
    if kind is dict:
        return all(
            type(key) is str and (nulls or each is not None) and _is_plain(each, nulls) for key, each in value.items()
        )
    if kind is list:
        return all(_is_plain(each, nulls) for each in value)
    return kind in PLAIN


def _json(value: Any, nulls: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _json_map(value, nulls)
    elif isinstance(value, list | tuple | set | frozenset):
        yield "["
        for index, each in enumerate(value):
            if index:
                yield ","
            yield from _json(each, nulls)
        yield "]"
    else:
        yield _json_scalar(value)


def _json_map(value: Mapping[Any, Any], nulls: bool) -> Iterator[str]:
    between = "{"
    for key, each in value.items():
        if each is None and not nulls:
            continue
        yield between
        between = ","
        yield _quoted(key if isinstance(key, str) else _scalar_text(key) if key is not None else "null")
        yield ":"
        yield from _json(each, nulls)
    yield "}" if between == "," else "{}"


def _json_scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Decimal):
        text = _scalar_text(value)
        return text if isinstance(value, bool | int) or math.isfinite(value) else _quoted(text)
    if isinstance(value, timedelta):
        return duration_seconds(value)
    return _quoted(_json_word(value))


def _json_word(value: Any) -> str:
    if isinstance(value, datetime):
        return moment_json(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str) and not isinstance(value, Enum) else _scalar_text(value)


def _quoted(text: str) -> str:
    quoted = _with_capitals(_encode(plain_text(text)))
    return TaintedText(quoted, ((1, len(quoted) - 1),)) if isinstance(text, TaintedText) else quoted
