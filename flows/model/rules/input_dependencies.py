"""Inputs that depend on each other: the others must exist, and none may wait for itself."""

from __future__ import annotations

from collections.abc import Sequence

from flows.model.inputs.definitions import Input
from flows.model.inputs.forms import asked
from flows.model.reading.session import Reading
from plugins.contracts.cycles import waiting_for_themselves


def check_input_dependencies(inputs: Sequence[Input], reading: Reading, location: Sequence[str | int]) -> None:
    """`location` leads to the list of inputs."""
    placed = [(index, entry) for index, own in enumerate(inputs) for entry in asked([own])]
    graph = {entry.id: entry.depends_on.inputs if entry.depends_on else [] for _, entry in placed}
    circle = set(waiting_for_themselves(graph))
    for index, entry in placed:
        place = [*location, index, "dependsOn"]
        for other in graph[entry.id]:
            if other not in graph:
                reading.complain_of_flow(
                    f"Input with id '{entry.id}' depends on a non-existent input '{other}'.", place
                )
        if entry.id in circle and entry.depends_on is not None:
            names = ", ".join(graph[entry.id])
            reading.complain_of_flow(f"Cycle dependency detected for input with id '{entry.id}': [{names}]", place)
