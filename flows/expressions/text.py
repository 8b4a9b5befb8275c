"""How a value is written: as plain text, and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from flows.expressions.dates.spelling import duration_text, moment_json, moment_text, time_text
from flows.expressions.errors import EvaluationError
from flows.expressions.limits import Run
from flows.expressions.numbers import number_text
from flows.expressions.taint import TAINTED, TaintedText, join, plain_text

PLAIN = frozenset({str, int, bool, type(None)})


def text_of(value: Any, run: Run) -> str:
    """What `{{ value }}` prints; null prints nothing, a map or a list prints its JSON."""
    kind = type(value)
    if kind is str or kind is TaintedText:
        return value  # type: ignore[no-any-return]  # the type was just looked at
    if kind is int:
        return int.__repr__(value)
    if value is None:
        return ""
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return json_text(value, run)
    return _scalar_text(value)


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
        return duration_text(value)
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, UUID):
        return str(value)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else None


def json_text(value: Any, run: Run) -> str:
    """Compact JSON with keys in their order; secret texts inside keep their exact place."""
    run.room_for(run.measure(value))
    if _is_plain(value):
        return run.made_text(_encode(value))
    pieces: list[str] = []
    total = 0
    for piece in _json(value):
        total += len(piece)
        run.room_for(total)
        pieces.append(piece)
    return run.made_text(join(pieces))


_encode: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode


def _is_plain(value: Any) -> bool:
    """Whether the standard encoder writes the value exactly as we would."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and _is_plain(each) for key, each in value.items())
    if kind is list:
        return all(_is_plain(each) for each in value)
    return kind in PLAIN


def _json(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _json_map(value)
    elif isinstance(value, list | tuple | set | frozenset):
        yield "["
        for index, each in enumerate(value):
            if index:
                yield ","
            yield from _json(each)
        yield "]"
    else:
        yield _json_scalar(value)


def _json_map(value: Mapping[Any, Any]) -> Iterator[str]:
    yield "{"
    for index, (key, each) in enumerate(value.items()):
        if index:
            yield ","
        yield _quoted(key if isinstance(key, str) else _scalar_text(key) if key is not None else "null")
        yield ":"
        yield from _json(each)
    yield "}"


def _json_scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Decimal):
        text = _scalar_text(value)
        return text if isinstance(value, bool | int) or math.isfinite(value) else _quoted(text)
    if isinstance(value, datetime):
        return _quoted(moment_json(value))
    return _quoted(value if isinstance(value, str) and not isinstance(value, Enum) else _scalar_text(value))


def _quoted(text: str) -> str:
    quoted = _encode(plain_text(text))
    return TaintedText(quoted, ((1, len(quoted) - 1),)) if isinstance(text, TaintedText) else quoted
