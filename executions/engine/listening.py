"""The deprecated `listeners` of a flow: tasks that run after the end when their conditions hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from executions.engine.control import EVERYTHING
from executions.engine.rendering import environment
from executions.engine.scope import build_scope
from executions.engine.work import Work
from flows.expressions import render
from plugins.contracts import Condition, LogLevel, PluginError


@dataclass(frozen=True, slots=True)
class Facts:
    """What a listener's conditions may know."""

    flow: Mapping[str, Any]
    execution: Mapping[str, Any] | None
    scope: Mapping[str, Any]
    work: Work

    @property
    def zone(self) -> tzinfo:
        return UTC

    def render(self, text: str, extra: Mapping[str, Any] | None = None) -> Any:
        return render(text, {**self.scope, **(extra or {})}, environment(self.work))

    def multiple(self, condition_id: str) -> Iterable[str]:
        return ()


def choose(work: Work) -> None:
    """Remember which listeners run."""
    if not work.flow.listeners:
        return
    chosen = [index for index in range(len(work.flow.listeners)) if _holds(work, index)]
    work.frame(None)["listeners"] = chosen


def _holds(work: Work, index: int) -> bool:
    conditions: Iterable[Condition] = getattr(work.flow.flow.listeners[index], "conditions", None) or ()
    try:
        return all(condition.holds(_facts(work)) for condition in conditions)
    except PluginError as error:
        work.log(LogLevel.WARN, f"A listener was left out: {error}")
        return False


def _facts(work: Work) -> Facts:
    execution = work.execution
    shown = {
        "id": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "state": execution.state.value,
        "labels": execution.labels,
        "inputs": execution.inputs,
        "outputs": execution.outputs,
        "trigger": execution.trigger,
    }
    scope = build_scope(work.flow, work.ledger, None, EVERYTHING, fresh=work)
    flow = {"id": execution.flow_id, "namespace": execution.namespace, "revision": execution.flow_revision}
    return Facts(flow, shown, scope, work)
