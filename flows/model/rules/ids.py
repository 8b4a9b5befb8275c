"""Ids that must be unique within a flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from flows.model.flow import Flow
from flows.model.inputs.forms import asked
from flows.model.reading.session import Reading
from flows.model.walk import Walked

Place = tuple[str | int, ...]


def check_ids(flow: Flow, tasks: Sequence[Walked], reading: Reading) -> None:
    """Tasks are unique wherever they stand; triggers, inputs and outputs in their lists."""
    _report(((walked.task.id, (*walked.keys, "id")) for walked in tasks), "Duplicate task id with name", reading)
    _report(_listed("triggers", (trigger.id for trigger in flow.triggers)), "Duplicate trigger id with name", reading)
    _report(_inputs(flow), "Duplicate input with name", reading)
    _report(_listed("outputs", (entry.id for entry in flow.outputs)), "Duplicate output with name", reading)


def _inputs(flow: Flow) -> Iterator[tuple[str, Place]]:
    """Those of a form are told at the form."""
    for index, entry in enumerate(flow.inputs):
        yield from ((each.id, ("inputs", index, "id")) for each in asked([entry]))


def _listed(name: str, ids: Iterable[str]) -> Iterator[tuple[str, Place]]:
    return ((own, (name, index, "id")) for index, own in enumerate(ids))


def _report(entries: Iterable[tuple[str, Place]], message: str, reading: Reading) -> None:
    """One violation for all of them, at the first repetition."""
    seen: dict[str, int] = {}
    again: Place | None = None
    for own, place in entries:
        seen[own] = seen.get(own, 0) + 1
        if seen[own] > 1 and again is None:
            again = place
    if again is not None:
        names = ", ".join(name for name, count in seen.items() if count > 1)
        reading.complain_of_flow(f"{message} [{names}]", again)
