"""What tasks, triggers and the flow say of the workers that are to run them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flows.model.flow import Flow
from flows.model.reading.session import Reading
from flows.model.walk import Walked
from plugins.contracts.worker_selectors import problems


def check_workers(flow: Flow, tasks: Sequence[Walked], reading: Reading) -> None:
    """Only what is written: whether there are such workers, a rule of whoever knows them says."""
    for keys, holder in said_of_workers(flow, tasks):
        for name, said in (("workerGroup", holder.worker_group), ("workerSelector", holder.worker_selector)):
            for property_name, sentence in problems(name, said):
                reading.complain(sentence, [*keys, name, property_name])


def said_of_workers(flow: Flow, tasks: Sequence[Walked]) -> Iterator[tuple[Sequence[str | int], Any]]:
    """Everything that may ask for workers, with the way to it."""
    yield (), flow
    for walked in tasks:
        yield walked.keys, walked.task
    for index, trigger in enumerate(flow.triggers):
        yield ("triggers", index), trigger
