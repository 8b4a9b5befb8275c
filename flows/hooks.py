"""What flows tell to rooms above them, without knowing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flows.model.flow import Flow


@dataclass(frozen=True, slots=True)
class FlowChanged:
    """A flow was saved, or deleted when `flow` is None. `revision_id` names the revision that runs from now on,
    `revision` is its number."""

    namespace: str
    flow_id: str
    revision_id: str
    revision: int
    flow: Flow | None


Listener = Callable[[FlowChanged], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Be told of every change, inside the transaction that makes it."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(change: FlowChanged) -> None:
    for listener in _listeners:
        listener(change)
