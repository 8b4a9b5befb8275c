"""What the turns of a loop give: outputs declared like those of the flow."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model.inputs.definitions import Output
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading, child
from flows.model.walk import Walked
from plugins.contracts.plans import LoopTask


def check_loops(tasks: Sequence[Walked], reading: Reading) -> None:
    """The `outputs` of every loop of the flow, wherever it stands."""
    for walked in tasks:
        if isinstance(walked.task, LoopTask) and walked.task.turn_outputs():
            _check((*walked.keys, "outputs"), reading)


def _check(place: tuple[str | int, ...], reading: Reading) -> None:
    depth = len(reading.trail)
    container = reading.root
    for key in place:
        reading.trail.append((container, key))
        container = child(container, key)
    try:
        for index, item in enumerate(container if isinstance(container, list) else ()):
            with reading.inside(container, index):
                read_model(Output, item, reading)
    finally:
        del reading.trail[depth:]
