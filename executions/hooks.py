"""What executions tell to rooms above them, without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from control_plane.kernel.pipeline import Pipeline
from executions.engine.records import Execution, Step
from flows.model.defaults import Defaults
from flows.model.flow import Flow
from plugins.contracts import State

Wants = Callable[[Execution], bool]
Hear = Callable[[Execution], None]


class ExecutionEnded:
    """Told after the commit that ended an execution, at least once, in the tenant's scope.

    A listener says first, while the end is written, whether it wants to hear: an end that nobody wants costs nothing.
    """

    def __init__(self) -> None:
        self._listeners: list[tuple[Wants, Hear]] = []

    def listen(self, wants: Wants, hear: Hear) -> None:
        if (wants, hear) not in self._listeners:
            self._listeners.append((wants, hear))

    def is_wanted(self, execution: Execution) -> bool:
        return any(wants(execution) for wants, _ in self._listeners)

    def tell(self, execution: Execution) -> None:
        for wants, hear in self._listeners:
            if wants(execution):
                hear(execution)


execution_ended = ExecutionEnded()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an operator lays over an execution that would begin: it ends so at once, or, without an end, is held.

    What is held begins when `executions.starts.held.release_all` is called and no rule holds it any more.
    """

    reason: str
    ends_as: State | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


StartRule = Callable[[Execution, Flow], Verdict | None]


class StartGate:
    """Asked whenever an execution would begin; the first rule that has something to say decides. One that lets it pass
    may count it."""

    def __init__(self) -> None:
        self._rules: list[StartRule] = []

    def guard(self, rule: StartRule) -> None:
        if rule not in self._rules:
            self._rules.append(rule)

    def verdict(self, execution: Execution, flow: Flow) -> Verdict | None:
        return next((said for rule in self._rules if (said := rule(execution, flow)) is not None), None)


start_gate = StartGate()


Write = Callable[[Pipeline, Execution, Sequence[Step], datetime], None]


class StateWritten:
    """Told while a change of state is being written: what a listener adds to the trip is one transaction with it.

    It is told the states the execution came into since it was read, the last one being its own. Turns of loops are
    parts of another execution, and nobody hears of them.
    """

    def __init__(self) -> None:
        self._listeners: list[Write] = []

    def listen(self, write: Write) -> None:
        if write not in self._listeners:
            self._listeners.append(write)

    def tell(self, pipeline: Pipeline, execution: Execution, steps: Sequence[Step], at: datetime) -> None:
        if steps and execution.loop_run is None:
            for write in self._listeners:
                write(pipeline, execution, steps, at)


state_written = StateWritten()


class Overlay(Protocol):
    """What an operator lays over the flows of a namespace. Equal to another one as long as nothing has changed."""

    def lay_over(self, document: Mapping[str, Any], defaults: Defaults) -> tuple[Mapping[str, Any], str | None]:
        """The flow as it runs, and why it may not begin, if so. What was not changed is the same object."""


class FlowOverlays:
    """Asked whenever a flow is made ready to run, for a namespace of the open scope's tenant."""

    def __init__(self) -> None:
        self._find: Callable[[str], Overlay | None] = lambda namespace: None

    def come_from(self, find: Callable[[str], Overlay | None]) -> None:
        self._find = find

    def of(self, namespace: str) -> Overlay | None:
        return self._find(namespace)


flow_overlays = FlowOverlays()
