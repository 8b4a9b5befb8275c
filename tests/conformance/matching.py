"""Compare the answer of an expression with what a corpus expects: strict about keys and kinds, matchers included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.conformance.matchers import Matching


def matches(answer: Any, expected: Any) -> bool:
    return _STRICT.fits(answer, expected)


def type_of(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    return "text" if isinstance(value, str) else "number" if isinstance(value, int | float) else type(value).__name__


class _Strict(Matching):
    """The same keys, the same kinds; no placeholders."""

    def fill(self, value: Any) -> Any:
        return value

    def fits(self, answer: Any, expected: Any, *, exact: bool = True) -> bool:
        if isinstance(expected, Mapping | list):
            return super().fits(answer, expected, exact=True)
        return type_of(answer) == type_of(expected) and bool(answer == expected)


_STRICT = _Strict()
