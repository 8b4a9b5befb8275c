"""Schedules that could never start anything, because they give no value for what the flow needs."""

from __future__ import annotations

from flows.model.flow import Flow
from flows.model.inputs.definitions import GroupInput, Input
from flows.model.reading.session import Reading
from plugins.triggers.schedule import Schedule


def check_schedules(flow: Flow, reading: Reading) -> None:
    """An input that is asked for only under a condition is not missed."""
    needed = [each.id for each in flow.asked if _is_needed(each)]
    for index, trigger in enumerate(flow.triggers):
        missing = [f"'{name}'" for name in needed if not _gives(trigger.inputs, name)]
        if missing and isinstance(trigger, Schedule):
            reading.complain_of_flow(
                f"Missing inputs for Schedule Trigger '{trigger.id}', missing inputs: {', '.join(missing)}",
                ["triggers", index],
            )


def _is_needed(entry: Input) -> bool:
    """Whether a start must give it: one in a form depends on the form at least, and that is always there."""
    if not entry.required or entry.defaults is not None or isinstance(entry, GroupInput):
        return False
    return entry.depends_on is None or (
        entry.depends_on.condition is None and entry.depends_on.inputs == [entry.id.rpartition(".")[0]]
    )


def _gives(inputs: object, name: str) -> bool:
    """Flat (`a.b`) or nested."""
    if isinstance(inputs, dict) and name in inputs:
        return True
    for step in name.split("."):
        inputs = inputs.get(step) if isinstance(inputs, dict) else None
    return inputs is not None
