"""Loops whose turns are executions of their own: begun so many at once, counted as they end.

    frame = {"total", "next", "open", "limit", "transmits", "stored"}

`open` counts the turns that run, `next` is the first that has not begun. An ended turn is folded in the transaction
that ends it, so each is told once, and an event costs the same with ten turns or ten thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from executions.engine import ending, holding
from executions.engine.control import control_of
from executions.engine.decisions import ChildRestart, TurnOrder
from executions.engine.events import ChildChanged
from executions.engine.records import Attempt, Step, TaskRun
from executions.engine.rendering import RenderFailure, order, values_or_wait
from executions.engine.turns import entry, gives_outputs
from executions.engine.work import Work
from plugins.contracts import LogLevel, PluginError, State
from plugins.contracts.plans import LoopTask, Turns

MOST_AT_ONCE = 200
"""Turns that one transaction begins."""

_BROKEN = (State.FAILED, State.KILLED, State.CANCELLED)
_TRANSMITTED = {State.FAILED: State.FAILED, State.KILLED: State.KILLED, State.CANCELLED: State.FAILED}


def _task(work: Work, run: TaskRun) -> LoopTask:
    task = work.node(run).task
    assert isinstance(task, LoopTask)
    return task


def begin(work: Work, run: TaskRun) -> None:
    """Find out what the loop goes over; go on with it when it was restarted."""
    if run.frame is not None and "total" in run.frame:
        _begin_again(work, run)
        return
    try:
        values = values_or_wait(work, run, work.node(run).control, key=f"plan:{run.id}", waits_for="plan")
    except RenderFailure as failure:
        _cannot_begin(work, run, str(failure))
        return
    if values is not None:
        follow_values(work, run, values)


def follow_values(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    run.waits_for = None
    try:
        turns = _task(work, run).turns(values)
    except PluginError as error:
        _cannot_begin(work, run, str(error))
        return
    if turns.uri is None:
        _over(work, run, turns)
        return
    _begin_attempt(work, run)
    order(work, f"items:{run.id}:{len(run.attempts)}", control_of({"items": _reading(turns.uri)}), run)
    run.waits_for = "items"


def _reading(uri: str) -> str:
    quoted = uri.replace("\\", "\\\\").replace("'", "\\'")
    return "{{ read('" + quoted + "') }}"


def follow_lines(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    """A worker has read the file the loop goes over."""
    run.waits_for = None
    try:
        turns = _task(work, run).turns_of_lines(str(values["items"] or ""))
    except PluginError as error:
        end(work, run, State.FAILED, _failure(run, str(error)))
        return
    _over(work, run, turns)


def _cannot_begin(work: Work, run: TaskRun, reason: str) -> None:
    ending.fail(work, run, _failure(run, reason))


def _failure(run: TaskRun, reason: str) -> str:
    return f"Failed to process flowable task {run.id}: {reason}"


def _over(work: Work, run: TaskRun, turns: Turns) -> None:
    total = len(turns.turns)
    run.outputs = {"iterationCount": total, "runningIterations": 0, "terminatedIterations": {}, **turns.outputs}
    if not total:
        if run.attempts:
            end(work, run, State.SUCCESS)
        else:
            ending.finish(work, run, State.SUCCESS)
        return
    if not run.attempts or run.attempts[-1].state.is_terminal:
        _begin_attempt(work, run)
    run.items = [[turn.value, turn.key] if turn.key is not None else turn.value for turn in turns.turns]
    frame = work.frame(run)
    frame.update(total=total, next=0, open=0, limit=turns.limit, transmits=turns.transmits_failure)
    if turns.is_stored:
        frame["stored"] = True
    open_turns(work, run)


def _begin_attempt(work: Work, run: TaskRun) -> None:
    run.attempts.append(Attempt(len(run.attempts) + 1, [Step(State.CREATED, work.at), Step(State.RUNNING, work.at)]))
    work.move(run, State.RUNNING)


def open_turns(work: Work, run: TaskRun) -> None:
    """Begin as many turns as may run at once, and as one transaction may begin."""
    frame = work.frame(run)
    if run.state is not State.RUNNING or "end_as" in work.execution.frame or _is_held(work):
        _show_open(run, frame)
        return
    room = min((frame["limit"] or frame["total"]) - frame["open"], frame["total"] - frame["next"])
    for index in range(frame["next"], frame["next"] + min(room, MOST_AT_ONCE)):
        _order(work, run, index)
    begun = max(0, min(room, MOST_AT_ONCE))
    frame["next"] += begun
    frame["open"] += begun
    if room > MOST_AT_ONCE:
        work.decisions.more_turns_of.append(run.id)
    _show_open(run, frame)


def _is_held(work: Work) -> bool:
    return holding.is_paused(work) and not work.execution.state.is_terminal


def _order(work: Work, run: TaskRun, index: int) -> None:
    item = work.item(run, index)
    value, key = item if isinstance(item, list) else (item, None)
    is_stored = bool(work.frame(run).get("stored"))
    work.decisions.turns.append(TurnOrder(run.id, run.task_id, index, value, key, is_stored))


def _show_open(run: TaskRun, frame: Mapping[str, Any]) -> None:
    run.outputs = {**(run.outputs or {}), "runningIterations": frame["open"]}


def turn_ended(work: Work, run: TaskRun, event: ChildChanged) -> str | None:
    """A turn has ended: count it, then begin the next one or end."""
    if not event.state.is_terminal or event.state is State.RETRIED:
        return None
    frame = work.frame(run)
    if "total" not in frame:
        return "the task run waits for no turn"
    _count(run, event)
    frame["open"] = max(0, frame["open"] - 1)
    _show_open(run, frame)
    if run.state is State.RUNNING:
        _go_on(work, run, event)
    return None


def _count(run: TaskRun, event: ChildChanged) -> None:
    outputs = run.outputs or {}
    counts = dict(outputs["terminatedIterations"])
    if event.before is not None and counts.get(event.before.value):
        counts[event.before.value] -= 1
    counts[event.state.value] = counts.get(event.state.value, 0) + 1
    run.outputs = {
        **outputs,
        "terminatedIterations": {state: counts[state] for state in sorted(counts) if counts[state]},
    }


def _go_on(work: Work, run: TaskRun, event: ChildChanged) -> None:
    frame = work.frame(run)
    is_broken = event.state in _BROKEN and frame["transmits"]
    reason = _reason(work, event) if is_broken else None
    if "end_as" in work.execution.frame:
        _log_once(work, run, reason)
        if not frame["open"]:
            end(work, run, State.KILLED, None, event)
    elif reason is not None:
        end(work, run, _TRANSMITTED[event.state], reason, event)
    elif frame["next"] < frame["total"]:
        _open_more(work, run, event)
    elif not frame["open"]:
        end(work, run, State.SUCCESS, None, event)


def _reason(work: Work, event: ChildChanged) -> str:
    record = work.execution
    link = f'[[link execution="{event.child_id}" flowId="{record.flow_id}" namespace="{record.namespace}"]]'
    return (
        f"Loop iteration {event.iteration} ended in {event.state} in sub-execution {link}, "
        "check that execution's logs for details"
    )


def _log_once(work: Work, run: TaskRun, reason: str | None) -> None:
    """Of the turns of a loop that is killed, the first tells enough."""
    attempt = run.attempts[-1]
    if reason is not None and attempt.error is None:
        attempt.error = reason
        work.log(LogLevel.ERROR, reason, run)


def _open_more(work: Work, run: TaskRun, event: ChildChanged) -> None:
    if event.opens_more:
        open_turns(work, run)
    else:
        work.decisions.more_turns_of.append(run.id)


def turns_due(work: Work, run: TaskRun) -> str | None:
    """The next batch of turns, in a transaction of its own."""
    if run.state is not State.RUNNING or run.frame is None or "total" not in run.frame:
        return "the task run is no running loop"
    open_turns(work, run)
    return None


def end(work: Work, run: TaskRun, state: State, reason: str | None = None, event: ChildChanged | None = None) -> None:
    """The loop is over. `retry` is for the tasks of its turns: a loop itself is not tried again."""
    attempt = run.attempts[-1]
    attempt.history.append(Step(state, work.at))
    if reason is not None:
        attempt.error = reason
        work.log(LogLevel.ERROR, reason, run)
    _collect(work, run, event)
    ending.finish(work, run, state)


def _collect(work: Work, run: TaskRun, event: ChildChanged | None) -> None:
    """What the turns gave, in the order in which they ended; only now, so that a turn costs what the first one did."""
    if not _task(work, run).turn_outputs():
        return
    told = dict(work.ledger.turn_outputs(run.id))
    if event is not None and event.iteration is not None:
        told.pop(event.iteration, None)
        if gives_outputs(event.state) and event.outputs is not None:
            told[event.iteration] = dict(event.outputs)
    if told:
        run.outputs = {"outputs": [_entry(work, run, each) for each in told.items()], **(run.outputs or {})}


def _entry(work: Work, run: TaskRun, turn: tuple[int, Mapping[str, Any]]) -> dict[str, Any]:
    index, outputs = turn
    return entry(index, work.items(run)[index], outputs)


def stop(work: Work, run: TaskRun) -> None:
    """The execution is brought to its end: so are the turns that run; the last of them to end ends the loop."""
    if run.frame is not None and run.frame.get("open"):
        work.decisions.kill_children_of.append(run.id)
    elif run.attempts and not run.attempts[-1].state.is_terminal:
        end(work, run, State.KILLED)
    else:
        ending.finish(work, run, State.KILLED)


def _begin_again(work: Work, run: TaskRun) -> None:
    """A restarted loop: the turns that ended well stay, the others run again, then come those that never began."""
    run.waits_for = None
    _begin_attempt(work, run)
    frame = work.frame(run)
    frame.pop("since", None)
    broken = [turn for turn in work.ledger.turn_states(run.id) if turn.state in _BROKEN]
    for turn in broken:
        work.decisions.restarts.append(ChildRestart(run.id, turn.execution_id, turn.index))
    frame["open"] += len(broken)
    run.outputs = {key: value for key, value in (run.outputs or {}).items() if key != "outputs"}
    open_turns(work, run)
    if not frame["open"] and frame["next"] >= frame["total"]:
        end(work, run, State.SUCCESS)


def not_restarted(work: Work, run: TaskRun, index: int) -> str | None:
    """There was nothing to restart in a turn: it begins anew, and the old one counts no more."""
    if run.state is not State.RUNNING:
        return "the loop has ended"
    _order(work, run, index)
    work.touch(run)
    return None
