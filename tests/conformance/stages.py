"""Where flows of cases run: the simulator, or a server. Both are asked the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from control_plane.kernel.words.errors import ControlPlaneError
from tests.conformance.seen import Seen

Json = Mapping[str, Any]


class Refused(AssertionError):
    """What a step asked for is refused; a case may expect that."""


REFUSALS = (Refused, ControlPlaneError)


@dataclass(frozen=True, slots=True)
class FlowName:
    """A flow that was stored."""

    namespace: str
    flow_id: str


@dataclass(frozen=True, slots=True)
class Start:
    """How an execution is to begin. Inputs that are `raw` are taken as they are."""

    inputs: Json = field(default_factory=dict)
    is_raw: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    schedule_date: Any = None
    revision: int | None = None


class Runs(Protocol):
    """Runs flows. A refusal raises one of REFUSALS."""

    def lay_out(self, needs: Json, text: Callable[[str], str]) -> None: ...

    def add(self, source: str) -> FlowName: ...

    def start(self, flow: FlowName, start: Start) -> str: ...

    def until(self, condition: Callable[[], bool], seconds: float | None) -> bool: ...

    def settle(self, execution_id: str | None) -> None:
        """Let everything happen that will: of one execution at least."""

    def rest(self, seconds: float) -> None: ...

    def see(self, execution_id: str) -> Seen: ...

    def all(self) -> Sequence[Seen]: ...

    def act(self, name: str, execution_id: str, asked: Json) -> Seen:
        """`restart`, `replay`, `mark_as`, `resume`, `kill` and their like; how the execution stands then.

        `asked` may say `emit: false`: what would be told is told, and nothing happens.
        """

    def delete(self, execution_id: str, asked: Json) -> None: ...

    def exists(self, execution_id: str) -> bool: ...

    def skip(self, execution_id: str) -> None: ...

    def clear_cache(self, flow: FlowName) -> None: ...

    def evaluate(self, execution_id: str, run_id: str, expression: str) -> Any: ...

    def put_file(self, name: str, content: bytes) -> str:
        """Keep a file somewhere, for inputs of a resume; its address."""

    def read(self, uri: str) -> bytes: ...

    def open_secret(self, value: Any) -> Any: ...

    def now(self) -> Any: ...
