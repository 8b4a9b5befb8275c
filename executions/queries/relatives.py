"""Executions that are there because of each other: those that started one, and those it started."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.pipeline import Pipeline
from executions.models import Execution
from executions.permissions import EXECUTION
from executions.record import sql

MOST = 200
"""Relatives that are looked at together."""


def relatives(ctx: Context, execution_id: str, *, is_down_only: bool, is_deep: bool) -> list[str]:
    """The parent and the children of an execution that may be followed, without itself; the oldest first.

    `is_down_only` leaves out who started it; `is_deep` goes on to the relatives of relatives.
    """
    pipeline = Pipeline()
    roots = _ancestors(execution_id, is_deep) if not is_down_only else []
    place = pipeline.add(sql.DESCENDANTS, [[execution_id, *(roots if is_deep else ())], MOST if is_deep else 1, MOST])
    below = [found for (found,) in pipeline.run()[place]]
    ids = dict.fromkeys([*roots, *below])
    ids.pop(execution_id, None)
    found = Execution.objects.filter(visible_to(ctx, EXECUTION.FOLLOW), pk__in=ids)
    return list(found.order_by("start_date", "id").values_list("pk", flat=True)[:MOST])


def _ancestors(execution_id: str, is_deep: bool) -> list[str]:
    pipeline = Pipeline()
    place = pipeline.add(sql.ANCESTORS, [execution_id, MOST if is_deep else 1])
    return [found for (found,) in pipeline.run()[place]]
