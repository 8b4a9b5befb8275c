"""Load every filter, function and test once."""

from __future__ import annotations

from functools import cache

from flows.expressions import filters, functions
from flows.expressions.registry import discover


@cache
def load_vocabulary() -> None:
    discover(filters)
    discover(functions)
    import flows.expressions.tests  # noqa: F401  # registers the tests of `is`
