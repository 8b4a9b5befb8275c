"""What a trigger has collected, in a file that the execution finds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import Any, BinaryIO

from plugins.contracts import RunContext
from plugins.formats.ion import write_rows


def keep_rows(ctx: RunContext, rows: Sequence[Any]) -> dict[str, Any]:
    """Its address and how many there are."""
    with tempfile.TemporaryFile(dir=ctx.workdir) as file:
        target: BinaryIO = file
        count = write_rows(rows, target)
        target.seek(0)
        return {"uri": ctx.store(target, "rows.ion"), "count": count}
