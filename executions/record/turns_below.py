"""The turns of the loops of executions, which are deleted with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from control_plane.kernel.pipeline import Pipeline
from executions.record import sql
from workers.queue import queue


@dataclass(frozen=True, slots=True)
class TurnBelow:
    """`is_over`: nothing of it runs any more."""

    id: str
    namespace: str
    flow_id: str
    is_over: bool


def turns_below(execution_ids: Sequence[str]) -> list[TurnBelow]:
    """Of nested loops too."""
    pipeline = Pipeline()
    place = pipeline.add(sql.TURNS_BELOW, [list(execution_ids)])
    return [TurnBelow(*row) for row in pipeline.run()[place]]


def withdraw_jobs(pipeline: Pipeline, turns: Iterable[TurnBelow]) -> list[int]:
    """Their jobs are gone; the places of the rows that were in a worker's hand."""
    return [queue.withdraw_all(pipeline, turn.id) for turn in turns if not turn.is_over]
