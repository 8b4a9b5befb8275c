"""Service level agreements: how long an execution may take, and what must hold while it runs."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.words.durations import format_duration
from executions.engine import halting
from executions.engine.decisions import Timer
from executions.engine.rendering import RenderFailure, rendered
from executions.engine.work import Work
from flows.model.labels import label_map
from plugins.contracts import LogLevel, State
from plugins.contracts.truth import is_true

_ENDS = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}
_ENDED = {State.FAILED: "failed", State.CANCELLED: "cancelled"}


def watch(work: Work) -> None:
    """Set a timer for each longest duration."""
    for index, sla in enumerate(work.flow.flow.sla or ()):
        duration = getattr(sla, "duration", None)
        if duration is not None:
            work.decisions.timers.append(Timer(f"sla:{index}", work.at + duration))


def time_is_up(work: Work, index: int) -> str | None:
    if work.execution.state.is_terminal or "end_as" in work.execution.frame:
        return "the execution has ended"
    sla: Any = work.flow.flow.sla[index]
    taken, most = (format_duration(each) for each in (work.at - work.execution.start_date, sla.duration))
    _violate(work, index, f"execution duration of {taken} exceed the maximum duration of {most}.")
    return None


def holds_before_it_begins(work: Work) -> bool:
    """Look at what must hold before anything runs; an execution that must not run ends here."""
    check(work)
    return "end_as" not in work.execution.frame


def check(work: Work) -> None:
    """Look at what must hold. What cannot be rendered does not hold."""
    if work.execution.state.is_terminal or "end_as" in work.execution.frame:
        return
    violated = work.execution.frame.get("violated", ())
    for index, control in work.flow.assertions.items():
        if index in violated:
            continue
        try:
            values = rendered(work, control, None)
        except RenderFailure as failure:
            name = getattr(work.flow.flow.sla[index], "id", index)
            work.log(LogLevel.ERROR, f"SLA '{name}' could not be evaluated and is treated as violated: {failure}")
            _violate(work, index, f"SLA could not be evaluated: {failure}")
            continue
        if values is not None and not is_true(values["assert"]):
            _violate(work, index, f"assertion is false: {control.expressions['assert']}.")


def _violate(work: Work, index: int, reason: str) -> None:
    sla: Any = work.flow.flow.sla[index]
    frame = work.frame(None)
    end_as = _ENDS.get(str(sla.behavior))
    if end_as is not None:
        frame["violated"] = [*frame.get("violated", ()), index]
    work.execution.labels.update(label_map(sla.labels))
    told = f"SLA '{getattr(sla, 'id', index)}' violated: {reason}"
    work.log(LogLevel.WARN, told)
    if end_as is not None and "end_as" not in frame:
        if end_as is State.FAILED:
            work.log(LogLevel.ERROR, f"Execution {_ENDED[end_as]} due to {told}")
        halting.halt(work, end_as, is_cascading=False)
