"""How much an execution holds: an operator may say what is too much for one message of it.

What counts is what makes a message of the whole execution big: its inputs, and the outputs of its task runs. The sum is
kept in the execution's own frame, so that a task run costs the same however many there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from executions.engine.events import ChildChanged, JobEnded
from executions.engine.records import TaskRun
from executions.engine.work import Work
from plugins.contracts import LogLevel

_HELD = "bytes"
_BRINGS_OUTPUTS = (JobEnded, ChildChanged)


def count(work: Work, run: TaskRun, outputs: Mapping[str, Any]) -> None:
    """The outputs that a task run is about to be given instead of those it has."""
    if work.flow.message_limit is not None:
        held = _held(work) + _size(outputs) - _size(run.outputs)
        work.frame(None)[_HELD] = held


def is_exceeded(work: Work) -> bool:
    """Whether the execution holds too much, which is told then."""
    limit = work.flow.message_limit
    held = _held(work) if limit is not None else 0
    if limit is None or held <= limit:
        return False
    work.log(LogLevel.ERROR, f"Message of size {held} has exceeded the configured limit of {limit}")
    return True


def is_outgrown(work: Work) -> bool:
    """The same by what this event brought, where the execution is not about to end anyway."""
    is_over = work.execution.state.is_terminal or "end_as" in work.execution.frame
    return isinstance(work.event, _BRINGS_OUTPUTS) and not is_over and is_exceeded(work)


def _held(work: Work) -> int:
    """Summed up once, where the sum is not kept: at the beginning, or where the limit is younger than the execution."""
    kept = work.execution.frame.get(_HELD)
    if kept is not None:
        return int(kept)
    runs = work.all_task_runs() if work.execution.task_run_count else ()
    held = _size(work.execution.inputs) + sum(_size(run.outputs) for run in runs)
    work.frame(None)[_HELD] = held
    return held


def _size(values: Mapping[str, Any] | None) -> int:
    return len(json.dumps(values, ensure_ascii=False, default=str).encode()) if values else 0
