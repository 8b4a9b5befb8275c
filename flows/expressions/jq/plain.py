"""Values as jq sees them: maps with text keys, lists, texts, numbers, booleans and null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flows.expressions.dates.spelling import moment_json
from flows.expressions.limits import Run
from flows.expressions.text import text_of


def plain(value: Any, run: Run) -> Any:
    """The same value without dates and other kinds that JSON has no word for; the caller has measured it."""
    if value is None or isinstance(value, str | bool | int | float | Decimal):
        return value
    if isinstance(value, Mapping):
        return {_key(key, run): plain(each, run) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each, run) for each in value]
    return moment_json(value) if isinstance(value, datetime) else text_of(value, run)


def _key(key: Any, run: Run) -> str:
    return key if isinstance(key, str) else text_of(key, run)
