"""The variables of an execution: its flow's, until a task of its own changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from executions.engine.compiled import CompiledFlow
from executions.engine.events import JobEnded
from executions.engine.records import Execution
from executions.engine.work import Work
from plugins.contracts import PluginError, State, VariableChange

_CHANGED = "variables_changed"


def variables_of(flow: CompiledFlow, execution: Execution) -> Mapping[str, Any]:
    """What expressions see as `vars`."""
    if execution.variables or _CHANGED in execution.frame:
        return execution.variables
    variables: Mapping[str, Any] = flow.flow.variables or {}
    return variables


def change_variables(work: Work, event: JobEnded) -> JobEnded:
    """Make the change that an attempt asks for; where it may not be made, the event is a failure that says why."""
    if event.variables is None or event.state is not State.SUCCESS:
        return event
    execution = work.execution
    try:
        execution.variables = changed(variables_of(work.flow, execution), event.variables)
    except PluginError as refused:
        return replace(event, state=State.FAILED, error=str(refused), is_retryable=False, variables=None)
    execution.frame[_CHANGED] = True
    work.decisions.execution_changed = True
    return event


def changed(variables: Mapping[str, Any], change: VariableChange) -> dict[str, Any]:
    """The variables with the change made. Raises PluginError naming those it may not touch or cannot find."""
    there = [name for name in change.values if name in variables]
    if there and not change.overwrite:
        raise PluginError(
            f"`overwrite` is set to false and the following variables already exist: {', '.join(there)}",
            retryable=False,
        )
    missing = [name for name in change.removed if name not in variables]
    if missing and not change.ignores_missing:
        raise PluginError(f"Variable '{missing[0]}' not found and `ignoreMissing` is false", retryable=False)
    merged = _merged(variables, change.values)
    return {name: value for name, value in merged.items() if name not in change.removed}


def _merged(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(own)
    for name, value in other.items():
        before = merged.get(name)
        both_maps = isinstance(before, Mapping) and isinstance(value, Mapping)
        merged[name] = _merged(before, value) if both_maps else value  # type: ignore[arg-type]  # mypy forgets the maps
    return merged
