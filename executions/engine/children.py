"""Executions started by tasks: one for a Subflow, one for each batch of a ForEachItem.

A ForEachItem keeps in its frame how many of its executions are in which state, and which of them have ended as one
bound (`below`: all before it) and the few beyond it (`beyond`), so that a change told twice counts once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from executions.engine import ending, message_size
from executions.engine.control import control_of
from executions.engine.decisions import ChildOrder, ChildRestart
from executions.engine.events import ChildChanged, ChildRefused
from executions.engine.records import Attempt, Step, TaskRun
from executions.engine.rendering import RenderFailure, values_or_wait
from executions.engine.triggers import parent_trigger
from executions.engine.work import Work
from plugins.contracts import LogLevel, State
from plugins.contracts.plans import ChildSpec, ExecutableTask

_ENDS_AS = {
    State.SUCCESS: State.SUCCESS,
    State.SKIPPED: State.SUCCESS,
    State.WARNING: State.WARNING,
    State.FAILED: State.FAILED,
    State.KILLED: State.KILLED,
    # Cancelled work was not done.
    State.CANCELLED: State.FAILED,
}
"""What the end of a child is to its task. RETRIED is none: another execution takes its place, and its end counts."""

_BROKEN = frozenset({State.FAILED, State.KILLED, State.CANCELLED})
_LEVELS = {State.WARNING: LogLevel.WARN, **dict.fromkeys(_BROKEN, LogLevel.ERROR)}
_SHOWN = (State.CREATED, State.RUNNING, State.SUCCESS)
_SEVERITY = (State.FAILED, State.KILLED, State.WARNING)


def _task(work: Work, run: TaskRun) -> ExecutableTask:
    task = work.node(run).task
    assert isinstance(task, ExecutableTask)
    return task


def begin(work: Work, run: TaskRun) -> None:
    """Start what the task run is for: one execution, or first find out how many."""
    run.attempts.append(Attempt(len(run.attempts) + 1, [Step(State.CREATED, work.at), Step(State.RUNNING, work.at)]))
    work.move(run, State.RUNNING)
    frame = run.frame or {}
    items = _task(work, run).items()
    if "restart" in frame:
        _restart_child(work, run)
    elif "total" in frame:
        _restart_iterations(work, run)
    elif items is None:
        _order_child(work, run, None)
    else:
        _find_items(work, run, items)


def keep_for_restart(run: TaskRun, task: ExecutableTask) -> None:
    """Set a task run to be restarted: its failed executions run again, unless the task wants new ones."""
    frame, outputs = run.frame or {}, run.outputs or {}
    kept: dict[str, Any] = {"since": len(run.attempts)}
    if task.restarts_children and "total" in frame:
        run.frame = {**frame, **kept}
        return
    if task.restarts_children and State(outputs.get("state", State.SUCCESS)) in _BROKEN:
        kept |= {key: frame[key] for key in ("awaited", "transmits", "link") if key in frame}
        kept["restart"] = outputs["executionId"]
    run.items, run.outputs, run.frame = None, None, kept


def start_anew(run: TaskRun) -> None:
    """A copy in another execution has no executions to restart."""
    run.items, run.outputs, run.frame = None, None, {"since": len(run.attempts)}


def _restart_child(work: Work, run: TaskRun) -> None:
    frame = work.frame(run)
    child_id = str(frame.pop("restart"))
    # The attempt goes on with an execution that has been there before, and so with its history.
    run.attempts[-1].history[:] = [Step(step.state, step.date) for step in run.history]
    run.waits_for = "child"
    run.outputs = {"executionId": child_id, "state": State.RESTARTED.value}
    work.decisions.restarts.append(ChildRestart(run.id, child_id))
    work.log(LogLevel.INFO, f"Restarted execution {frame.get('link', child_id)}", run)


def _restart_iterations(work: Work, run: TaskRun) -> None:
    """Those that failed run again; what the others came to stays."""
    states = work.ledger.turn_states(run.id)
    broken = [each for each in states if each.state in _BROKEN]
    ended = sorted(each.index for each in states if each.state in _ENDS_AS and each not in broken)
    frame = work.frame(run)
    frame.update(ended=0, below=0, beyond=[], worst=None)
    counts = {state.value: 0 for state in _SHOWN} | {State.CREATED.value: frame["total"] - len(ended)}
    for each in states:
        if each.index in ended:
            _mark_ended(frame, each.index)
            counts[each.state.value] = counts.get(each.state.value, 0) + 1
            frame["worst"] = _worse(frame["worst"], _transmitted(run, each.state).value)
    run.outputs = {**(run.outputs or {}), "iterations": counts}
    run.waits_for = "child"
    for each in broken:
        work.decisions.restarts.append(ChildRestart(run.id, each.execution_id, each.index))
    known = {each.index for each in states}
    for iteration in range(frame["total"]):
        if iteration not in known:
            _order_child(work, run, iteration)
    if frame["ended"] == frame["total"]:
        end(work, run, State(frame["worst"] or State.SUCCESS.value))


def not_restarted(work: Work, run: TaskRun, iteration: int | None) -> str | None:
    """There was nothing to restart in the child: another one is started."""
    if run.state is not State.RUNNING:
        return "the task run does not wait for an execution"
    _order_child(work, run, iteration)
    return None


def _find_items(work: Work, run: TaskRun, items: Any) -> None:
    control = control_of({"items": items})
    try:
        key = f"items:{run.id}:{len(run.attempts)}"
        values = values_or_wait(work, run, control, key=key, waits_for="items")
    except RenderFailure as failure:
        end(work, run, State.FAILED, str(failure))
        return
    if values is not None:
        iterate(work, run, values)


def iterate(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    """Start an execution for each line of the list."""
    run.items = str(values["items"] or "").split()
    total = len(run.items)
    if not total:
        end(work, run, State.SUCCESS)
        return
    counts = {state.value: 0 for state in _SHOWN} | {State.CREATED.value: total}
    work.frame(run).update(total=total, ended=0, below=0, beyond=[], worst=None)
    run.outputs = {"numberOfBatches": total, "iterations": counts}
    for iteration in range(total):
        _order_child(work, run, iteration)


def _order_child(work: Work, run: TaskRun, iteration: int | None) -> None:
    control = work.node(run).control
    extra = _about_batch(work, run, iteration)
    try:
        key = child_key(run, iteration)
        values = values_or_wait(work, run, control, key=key, waits_for="child", extra=extra)
    except RenderFailure as failure:
        refused(work, run, str(failure), iteration)
        return
    if values is not None:
        start_child(work, run, values, iteration)


def child_key(run: TaskRun, iteration: int | None) -> str:
    return f"child:{run.id}:{len(run.attempts)}:{'' if iteration is None else iteration}"


def _about_batch(work: Work, run: TaskRun, iteration: int | None) -> dict[str, Any] | None:
    if iteration is None:
        return None
    return {"taskrun": {"items": work.item(run, iteration), "iteration": iteration}}


def start_child(work: Work, run: TaskRun, values: Mapping[str, Any], iteration: int | None) -> None:
    """Order the execution the task asks for."""
    run.waits_for = "child"
    work.touch(run)
    try:
        spec = _task(work, run).child(values)
        work.decisions.children.append(_child_order(work, run, spec, iteration))
    except Exception as error:  # the task's own code, and a wish it could not read
        refused(work, run, str(error), iteration)
        return
    work.frame(run).update(awaited=spec.is_awaited, transmits=spec.transmits_failure)


def _child_order(work: Work, run: TaskRun, spec: ChildSpec, iteration: int | None) -> ChildOrder:
    return ChildOrder(
        task_run_id=run.id,
        namespace=spec.namespace,
        flow_id=spec.flow_id,
        attempt=len(run.attempts),
        revision=spec.revision,
        inputs=spec.inputs,
        labels=_labels(work.execution.labels, spec),
        iteration=iteration,
        schedule_date=_moment(spec.schedule_date),
        is_awaited=spec.is_awaited,
        trigger=parent_trigger(work.execution, run, work.node(run).task.type),
    )


def _labels(own: Mapping[str, str], spec: ChildSpec) -> dict[str, str]:
    """System labels always pass on to the child, the others when asked; what the task names wins."""
    passed = {key: value for key, value in own.items() if spec.inherits_labels or key.startswith("system.")}
    return {**passed, **spec.labels}


def _moment(value: Any) -> datetime | None:
    if value is None or value == "" or isinstance(value, datetime):
        return value or None
    return datetime.fromisoformat(str(value))


def changed(work: Work, run: TaskRun, event: ChildChanged) -> str | None:
    """A child started, paused or ended. Returns why that came too late, if it did."""
    if run.state is not State.RUNNING or run.frame is None:
        return "the task run does not wait for an execution"
    if event.iteration is not None:
        return _batch_changed(work, run, event)
    _show(work, run, event)
    if not run.frame.get("awaited", True):
        # That it is there is all that is asked, and it may have come to its end by now.
        end(work, run, State.SUCCESS)
    elif event.state.is_terminal and event.state is not State.RETRIED:
        _child_ended(work, run, event)
    return None


def _show(work: Work, run: TaskRun, event: ChildChanged) -> None:
    shown = {**(run.outputs or {}), "executionId": event.child_id, "state": event.state.value}
    if event.state.is_terminal and event.outputs:
        shown["outputs"] = dict(event.outputs)
    message_size.count(work, run, shown)
    run.outputs = shown
    frame, link = work.frame(run), _link(event)
    if frame.get("link") != link:
        frame["link"] = link
        work.log(LogLevel.INFO, f"Created new execution {link}", run)


def _child_ended(work: Work, run: TaskRun, event: ChildChanged) -> None:
    reason = _tell_end(work, run, event)
    state = _transmitted(run, event.state)
    if state is State.SUCCESS and event.state in _BROKEN:
        work.move(run, State.FAILED)
    run.attempts[-1].error = reason if event.state in _BROKEN else None
    end(work, run, state)


def _tell_end(work: Work, run: TaskRun, event: ChildChanged) -> str:
    reason = f"Subflow execution {_link(event)} ends in {event.state} state"
    level = _LEVELS.get(event.state)
    if level is not None and "end_as" not in work.execution.frame:
        work.log(level, reason, run)
    return reason


def _link(event: ChildChanged) -> str:
    return f'[[link execution="{event.child_id}" flowId="{event.flow_id}" namespace="{event.namespace}"]]'


def _batch_changed(work: Work, run: TaskRun, event: ChildChanged) -> str | None:
    assert event.iteration is not None
    if not work.frame(run).get("awaited", True):
        return _iteration_changed(work, run, event.iteration, State.SUCCESS)
    if event.state is State.RETRIED:
        return None
    if event.state in _LEVELS and not _has_ended(work.frame(run), event.iteration):
        reason = _tell_end(work, run, event)
        if event.state in _BROKEN and _transmitted(run, event.state) is not State.SUCCESS:
            run.attempts[-1].error = reason
    return _iteration_changed(work, run, event.iteration, event.state)


def _transmitted(run: TaskRun, state: State) -> State:
    if run.frame is not None and not run.frame.get("transmits", True):
        return State.SUCCESS
    return _ENDS_AS.get(state, State.FAILED) if state.is_terminal else State.SUCCESS


def _iteration_changed(work: Work, run: TaskRun, iteration: int, state: State) -> str | None:
    frame = work.frame(run)
    if _has_ended(frame, iteration) or not 0 <= iteration < frame["total"]:
        return "the iteration has ended"
    if not state.is_terminal:
        return None
    _mark_ended(frame, iteration)
    _count(run, state)
    frame["worst"] = _worse(frame["worst"], _transmitted(run, state).value)
    if frame["ended"] == frame["total"]:
        end(work, run, State(frame["worst"]))
    return None


def _count(run: TaskRun, state: State) -> None:
    outputs = run.outputs or {}
    counts = dict(outputs["iterations"])
    counts[State.CREATED.value] -= 1
    counts[state.value] = counts.get(state.value, 0) + 1
    run.outputs = {**outputs, "iterations": counts}


def _has_ended(frame: Mapping[str, Any], iteration: int) -> bool:
    return iteration < frame["below"] or iteration in frame["beyond"]


def _mark_ended(frame: dict[str, Any], iteration: int) -> None:
    frame["ended"] += 1
    beyond = {*frame["beyond"], iteration}
    while frame["below"] in beyond:
        beyond.remove(frame["below"])
        frame["below"] += 1
    frame["beyond"] = sorted(beyond)


def _worse(one: str | None, other: str) -> str:
    for state in _SEVERITY:
        if state in (one, other):
            return state.value
    return State.SUCCESS.value


def refused(work: Work, run: TaskRun, reason: str, iteration: int | None) -> str | None:
    """A child could not be started."""
    if run.state is not State.RUNNING:
        return "the task run does not wait for an execution"
    if iteration is None:
        _never_ran(run)
        end(work, run, State.FAILED, reason)
        return None
    work.log(LogLevel.ERROR, reason, run)
    frame = work.frame(run)
    frame.setdefault("transmits", True)
    frame["awaited"] = True
    return _iteration_changed(work, run, iteration, State.FAILED)


def _never_ran(run: TaskRun) -> None:
    """Nothing was started, so nothing ran: what was noted in the hope of it is taken back."""
    if run.history[-1].state is State.RUNNING and not (run.outputs or {}).get("executionId"):
        run.history.pop()
        run.state = run.history[-1].state
        run.attempts[-1].history.clear()


def was_refused(work: Work, run: TaskRun, event: ChildRefused) -> str | None:
    return refused(work, run, event.reason, event.iteration)


def end(work: Work, run: TaskRun, state: State, reason: str | None = None) -> None:
    """The attempt is over; a failed one may be tried again."""
    attempt = run.attempts[-1]
    attempt.history.append(Step(state, work.at))
    attempt.error = reason if reason is not None else attempt.error
    if reason is not None:
        work.log(LogLevel.ERROR, reason, run)
    run.waits_for = None
    if state is State.FAILED:
        ending.fail_or_retry(work, run)
    else:
        ending.finish(work, run, state)
