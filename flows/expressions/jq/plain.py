"""Values as jq sees them: maps with text keys, lists, texts, numbers, booleans and null."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from flows.expressions.dates.spelling import moment_json
from flows.expressions.limits import Run
from flows.expressions.taint import plain_text
from flows.expressions.text import text_of


def plain(value: Any, run: Run) -> Any:
    """The same value as JSON has it: no null entries in maps, dates as texts, durations as seconds.

    The caller has measured it.
    """
    if isinstance(value, str):
        return plain_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return {_key(key, run): plain(each, run) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, run) for each in value]
    return _word(value, run)


def _word(value: Any, run: Run) -> Any:
    if isinstance(value, datetime):
        return moment_json(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else text_of(value, run)


def _key(key: Any, run: Run) -> str:
    return plain_text(key) if isinstance(key, str) else plain_text(text_of(key, run))
