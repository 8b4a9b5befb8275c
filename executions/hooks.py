"""What executions tell to rooms above them, without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from executions.engine.records import Execution
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

    What is held begins when `executions.starts.held.release` is called and no rule holds it any more.
    """

    reason: str
    ends_as: State | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


StartRule = Callable[[Execution], Verdict | None]


class StartGate:
    """Asked whenever an execution would begin; the first rule that has something to say decides."""

    def __init__(self) -> None:
        self._rules: list[StartRule] = []

    def guard(self, rule: StartRule) -> None:
        if rule not in self._rules:
            self._rules.append(rule)

    def verdict(self, execution: Execution) -> Verdict | None:
        return next((said for rule in self._rules if (said := rule(execution)) is not None), None)


start_gate = StartGate()
