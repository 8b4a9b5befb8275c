"""What a worker tells of an attempt, in the words of the engine."""

from __future__ import annotations

from plugins.contracts import VariableChange
from workers.runtime import protocol


def variable_change(told: protocol.VariableChange | None) -> VariableChange | None:
    if told is None:
        return None
    return VariableChange(told.values, told.removed, told.overwrite, told.ignores_missing)
