"""What executions tell to rooms above them, without knowing them."""

from __future__ import annotations

from collections.abc import Callable

from executions.engine.records import Execution

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
