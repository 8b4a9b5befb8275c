"""What a worker tells of the end of an attempt, in the words of the engine."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.words.clock import parse_iso
from plugins.contracts import ReportedRun, State, VariableChange
from workers.runtime import protocol

MOST_LETTERS = 150
"""Of the name of what was reported: with the id of a task in front of it there is still room for it."""


def as_told(end: protocol.End) -> dict[str, Any]:
    """What the engine takes over as it is."""
    return {
        "error": end.error,
        "is_retryable": end.is_retryable,
        "labels": end.labels,
        "log_file": end.log_file,
        "variables": variable_change(end.variables),
        "task_runs": [run for told in end.task_runs if (run := _reported_run(told)) is not None],
    }


def _reported_run(told: protocol.ReportedRun) -> ReportedRun | None:
    """None for what no honest worker tells."""
    try:
        state, started, ended = State(told.state), parse_iso(told.started), parse_iso(told.ended)
    except (ValueError, OverflowError):
        return None
    name = told.task_id.replace("\x00", "\ufffd")[:MOST_LETTERS]
    return ReportedRun(name, state, started, max(started, ended), told.value) if name and state.is_terminal else None


def variable_change(told: protocol.VariableChange | None) -> VariableChange | None:
    if told is None:
        return None
    return VariableChange(told.values, told.removed, told.overwrite, told.ignores_missing)
