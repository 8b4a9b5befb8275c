"""What the parts of a simulated world know of it: the world is built from them, and they never import it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from executions.engine import events as ev
from executions.engine.compiled import CompiledFlow
from executions.engine.decisions import Decisions
from executions.engine.records import Execution, TaskRun
from executions.simulator.clock import Clock
from executions.simulator.faults import Faults
from executions.simulator.fleet import Script
from executions.simulator.simulated import Simulated
from executions.simulator.stores import MemoryStores
from plugins.contracts import LogLevel

MakeEvent = Callable[[datetime, int], ev.Event]


class World(Protocol):
    """Time, flows, executions and stores, and how something happens to an execution."""

    clock: Clock
    faults: Faults
    script: Script | None
    memory_stores: MemoryStores
    encryption_key: bytes | None
    http_service: Any
    toggled: list[dict[str, Any]]
    flows: dict[tuple[str, str], CompiledFlow]
    executions: dict[str, Simulated]
    windows: dict[tuple[str, str, str, str], set[str]]
    brought: dict[tuple[str, str, str, str], dict[tuple[str, str], Mapping[str, Any]]]

    def start(
        self,
        namespace: str,
        flow_id: str,
        inputs: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        *,
        resolve: bool = True,
        **over: Any,
    ) -> Simulated:
        """Create an execution; nothing of it happens before time goes on. KeyError when the flow is unknown."""

    def adopt(self, flow: CompiledFlow, execution: Execution, runs: Sequence[TaskRun] = ()) -> Simulated:
        """Take in an execution that was made elsewhere, and let it begin in time."""

    def send(self, execution: Simulated, make: MakeEvent) -> Decisions:
        """Fold an event now, and let its consequences be planned."""

    def deliver(self, execution: Simulated, make: MakeEvent) -> None:
        """Send with whatever goes wrong on the way."""

    def log(self, execution: Simulated, level: LogLevel, message: str, run: TaskRun | None) -> None:
        """Add a line to the log of an execution."""

    def later(self, seconds: float) -> datetime:
        """The moment that many seconds from now."""

    def next_number(self) -> int:
        """A number that was not given before."""

    def new_id(self) -> str:
        """An id that was not given before; the same in every run of the same seed."""
