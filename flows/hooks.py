"""What flows tell to rooms above them, without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from control_plane.kernel.words.errors import Violation
from flows.model.errors import FlowInvalid
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


SaveRule = Callable[[Flow], Iterable[Violation]]
"""What of a flow that is valid may not be saved, in the open scope's tenant."""
_save_rules: list[SaveRule] = []


def refuse(rule: SaveRule) -> None:
    """Ask this, too, whenever somebody saves a flow or has one checked."""
    if rule not in _save_rules:
        _save_rules.append(rule)


def objections(flow: Flow) -> list[Violation]:
    """Everything that forbids to save it."""
    return [violation for rule in _save_rules for violation in rule(flow)]


def check(flow: Flow) -> None:
    """Raises FlowInvalid with everything that forbids to save it."""
    found = objections(flow)
    if found:
        raise FlowInvalid(found)


Caution = Callable[[Flow], Iterable[str]]
_cautions: list[Caution] = []


def caution(rule: Caution) -> None:
    """Let this, too, warn the author of a flow that is checked."""
    if rule not in _cautions:
        _cautions.append(rule)


def cautions(flow: Flow) -> list[str]:
    """What its author should know, though it may be saved."""
    return [sentence for rule in _cautions for sentence in rule(flow)]
