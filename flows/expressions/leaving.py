"""What leaves the language: values of the kinds that every encoder knows, secrets still marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.expressions.entries import Entry
from flows.expressions.numbers import BigInteger, Long
from flows.expressions.taint import plain_text
from flows.expressions.typed import Char


def leaving(value: Any) -> Any:
    """The value without the kinds that only the language tells apart: 64-bit numbers, single letters, entries."""
    leave = _KINDS.get(type(value))
    return value if leave is None else leave(value)


def _of_map(value: dict[Any, Any]) -> dict[Any, Any]:
    return {leaving(key): leaving(each) for key, each in value.items()}


_KINDS: dict[type, Callable[[Any], Any]] = {
    Long: int,
    BigInteger: int,
    Char: plain_text,
    Entry: _of_map,
    dict: _of_map,
    list: lambda value: [leaving(each) for each in value],
}
