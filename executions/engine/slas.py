"""Service level agreements: how long an execution may take, and what must hold while it runs."""

from __future__ import annotations

from typing import Any

from executions.engine import halting
from executions.engine.decisions import Timer
from executions.engine.rendering import RenderFailure, rendered
from executions.engine.work import Work
from flows.model.labels import label_map
from plugins.contracts import LogLevel, State
from plugins.contracts.loop_values import is_true

_ENDS = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}


def watch(work: Work) -> None:
    """Set a timer for each longest duration."""
    for index, sla in enumerate(work.flow.flow.sla or ()):
        duration = getattr(sla, "duration", None)
        if duration is not None:
            work.decisions.timers.append(Timer(f"sla:{index}", work.at + duration))


def time_is_up(work: Work, index: int) -> str | None:
    if work.execution.state.is_terminal or "end_as" in work.execution.frame:
        return "the execution has ended"
    _violate(work, index)
    return None


def check(work: Work) -> None:
    """Look at what must hold. What cannot be rendered yet is not violated."""
    if work.execution.state.is_terminal or "end_as" in work.execution.frame:
        return
    violated = work.execution.frame.get("violated", ())
    for index, control in work.flow.assertions.items():
        if index in violated:
            continue
        try:
            values = rendered(work, control, None)
        except RenderFailure:
            continue
        if values is not None and not is_true(values["assert"]):
            _violate(work, index)


def _violate(work: Work, index: int) -> None:
    sla: Any = work.flow.flow.sla[index]
    frame = work.frame(None)
    frame["violated"] = [*frame.get("violated", ()), index]
    work.execution.labels.update(label_map(sla.labels))
    work.log(LogLevel.WARN, f"The SLA `{getattr(sla, 'id', index)}` is violated")
    end_as = _ENDS.get(str(sla.behavior))
    if end_as is not None and "end_as" not in frame:
        halting.halt(work, end_as, is_cascading=False)
