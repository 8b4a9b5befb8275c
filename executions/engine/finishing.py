"""How scopes close: flowables into a state of their own, the root into outputs, the end, and what runs after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from control_plane.kernel.words.errors import Invalid
from executions.engine import holding, lanes, listening, rounds
from executions.engine.ending import fail, finish
from executions.engine.records import TaskRun
from executions.engine.rendering import environment, order, pure_scope
from executions.engine.work import Work
from flows.model.inputs.outputs import resolve_outputs, typed_outputs
from plugins.contracts import LogLevel, State
from plugins.contracts.plans import FlowableTask


def advance(work: Work, run: TaskRun | None) -> None:
    """Take a scope as far as it can go; close it when nothing is left to do in it."""
    if run is None:
        _advance_root(work)
    elif run.state is State.RUNNING and not _waits(work, run) and _is_through(work, run):
        _close(work, run)


def _waits(work: Work, run: TaskRun) -> bool:
    return run.waits_for is not None and "end_as" not in work.execution.frame


def _is_through(work: Work, run: TaskRun) -> bool:
    if run.frame is None or "stage" not in run.frame:
        return True
    return lanes.advance(work, run)


def _close(work: Work, run: TaskRun) -> None:
    frame = work.frame(run)
    end_as = work.execution.frame.get("end_as")
    if end_as is not None:
        finish(work, run, State(end_as) if "exits" in work.execution.frame or end_as == State.RETRIED else State.KILLED)
    elif "rounds" in frame and not frame.get("halted"):
        rounds.ask(work, run)
    else:
        _settle(work, run, lanes.worst(frame))


def _settle(work: Work, run: TaskRun, state: State) -> None:
    task = work.node(run).task
    assert isinstance(task, FlowableTask)
    try:
        settled = task.settle(state)
    except Exception as error:
        fail(work, run, f"{task.type} could not settle: {error}")
        return
    finish(work, run, settled)


def _advance_root(work: Work) -> None:
    frame = work.frame(None)
    if work.execution.state.is_terminal or frame.get("stage") == "outputs":
        return
    if "stage" not in frame:
        if "end_as" in frame:
            end_execution(work)
    elif lanes.advance(work, None) and not holding.is_paused(work):
        _ask_outputs(work)


def _ask_outputs(work: Work) -> None:
    frame = work.frame(None)
    frame["stage"] = "outputs"
    control = work.flow.outputs
    if not control.expressions or "end_as" in frame:
        end_execution(work)
        return
    scope = pure_scope(work, control, None)
    if scope is None:
        order(work, "outputs", control, None)
        return
    try:
        outputs = work.flow.flow.outputs
        work.execution.outputs = resolve_outputs(outputs, scope=scope, env=environment(work), forgo=_warn(work))
    except Invalid as invalid:
        outputs_failed(work, invalid.message)
        return
    end_execution(work)


def give_outputs(work: Work, values: Mapping[str, Any]) -> None:
    """A worker rendered the outputs: they only need their types."""
    try:
        work.execution.outputs = typed_outputs(work.flow.flow.outputs, values, _warn(work))
    except Invalid as invalid:
        outputs_failed(work, invalid.message)
        return
    end_execution(work)


def _warn(work: Work) -> Callable[[str], None]:
    return lambda reason: work.log(LogLevel.WARN, f"An output is left out: {reason}")


def outputs_failed(work: Work, reason: str) -> None:
    """Outputs that cannot be rendered are dropped, and the execution has failed."""
    work.log(LogLevel.ERROR, f"Failed to render output values: {reason}")
    frame = work.frame(None)
    if lanes.worst(frame) in (State.SUCCESS, State.WARNING):
        work.move_execution(lanes.worst(frame))
    lanes.remember(frame, State.FAILED)
    end_execution(work)


def end_execution(work: Work) -> None:
    """The execution is over; what stands in `afterExecution` runs now and changes it no more."""
    frame = work.frame(None)
    state = State(frame["end_as"]) if "end_as" in frame else lanes.worst(frame)
    if work.execution.state is State.RESTARTED:
        work.move_execution(State.RUNNING)
    if state is State.RETRIED:
        work.move_execution(State.FAILED)
    work.move_execution(state)
    work.decisions.has_ended = True
    for key in ("end_as", "exits"):
        frame.pop(key, None)
    frame["stage"] = "after"
    work.decisions.cancelled_timers += [f"sla:{index}" for index in range(len(work.flow.flow.sla or ()))]
    listening.choose(work)
    if not lanes.run_side(work, None, "afterExecution"):
        frame["stage"] = "done"


def end_before_it_began(work: Work, state: State) -> None:
    """Nothing of it has run, and nothing will but what stands after its end."""
    work.frame(None)["end_as"] = state.value
    end_execution(work)
