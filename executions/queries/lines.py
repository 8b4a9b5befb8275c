"""Lines of an execution for those who watch it: after a number, in order, none left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions import shapes
from executions.record import sql
from executions.record.rows import Kept, execution_from
from plugins.contracts import LogLevel

LineShape = dict[str, Any]


def levels_from(least: str | None) -> list[str] | None:
    """The levels that count when this is the least one; None when all do."""
    if not least:
        return None
    try:
        level = LogLevel(least.upper())
    except ValueError:
        raise BadParameter(f"`{least[:20]}` is no level: use one of {', '.join(LogLevel)}") from None
    return None if level is LogLevel.TRACE else [each.value for each in LogLevel if each.rank >= level.rank]


def lines_after(execution_id: str, after: int, levels: Sequence[str] | None, most: int) -> tuple[Kept, list[LineShape]]:
    """The execution, and the first lines after a number.

    The execution is read first: a line that is written in between is found by the next question, never lost.
    """
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [execution_id])
    where, values = ("", []) if levels is None else (" AND level = ANY(%s)", [list(levels)])
    lines = pipeline.add(sql.LINES_AFTER.format(where=where), [execution_id, after, *values, most])
    results = pipeline.run()
    if not results[place]:
        raise NotFound(f"Execution '{execution_id}' was not found")
    return execution_from(results[place][0]), [_line(row) for row in results[lines]]


def _line(row: Sequence[Any]) -> LineShape:
    seq, at, level, message, task_id, task_run_id, attempt = row
    return shapes.line(
        seq=seq, at=at, level=level, message=message, task_id=task_id, task_run_id=task_run_id, attempt=attempt
    )
