"""What a pause asks for when it is resumed: inputs like those of the flow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flows.model.inputs.definitions import Input
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading, child
from flows.model.rules.input_dependencies import check_input_dependencies
from flows.model.walk import Walked


def check_pauses(tasks: Sequence[Walked], reading: Reading) -> None:
    """Every `onResume` of the flow, wherever it stands."""
    for walked in tasks:
        asked = getattr(walked.task, "on_resume", None)
        if asked:
            _check(asked, (*walked.keys, "onResume"), reading)


def _check(asked: Any, place: tuple[str | int, ...], reading: Reading) -> None:
    depth = len(reading.trail)
    container = reading.root
    for key in place:
        reading.trail.append((container, key))
        container = child(container, key)
    try:
        inputs = [entry for entry in _read_each(container, reading) if entry is not None]
    finally:
        del reading.trail[depth:]
    check_input_dependencies(inputs, reading, place)


def _read_each(container: Any, reading: Reading) -> list[Input | None]:
    if not isinstance(container, list):
        return []
    found = []
    for index, item in enumerate(container):
        with reading.inside(container, index):
            found.append(read_model(Input, item, reading))
    return found
