"""What a worker tells of the end of an attempt, in the words of the engine."""

from __future__ import annotations

from typing import Any

from plugins.contracts import VariableChange
from workers.runtime import protocol


def as_told(end: protocol.End) -> dict[str, Any]:
    """What the engine takes over as it is."""
    return {
        "error": end.error,
        "is_retryable": end.is_retryable,
        "labels": end.labels,
        "log_file": end.log_file,
        "variables": variable_change(end.variables),
    }


def variable_change(told: protocol.VariableChange | None) -> VariableChange | None:
    if told is None:
        return None
    return VariableChange(told.values, told.removed, told.overwrite, told.ignores_missing)
