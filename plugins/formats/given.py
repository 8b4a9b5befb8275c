"""Values that a task is given: written in the flow, or lying in a stored file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plugins.contracts import Property, RunContext
from plugins.formats.ion import rows_of
from plugins.working_directory.files import open_source


def elements(ctx: RunContext, given: Property[Any]) -> Iterator[Any]:
    """Those of a list, of a stored file of rows, or the one value that is given."""
    value = ctx.render(given)
    if isinstance(value, str):
        source = open_source(ctx, value)
        if source is None:
            yield value
            return
        with source:
            yield from rows_of(source)
    elif isinstance(value, list):
        yield from value
    else:
        yield value
