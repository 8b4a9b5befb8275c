"""Bringing an execution to an early end: killed by a person, stopped by an SLA, replaced by a new one."""

from __future__ import annotations

from executions.engine import events as ev
from executions.engine import finishing, holding, loops, pausing, restarting
from executions.engine.children import end as end_child_task
from executions.engine.compiled import Kind
from executions.engine.ending import finish, retry_key
from executions.engine.records import TaskRun
from executions.engine.stopping import stop_below
from executions.engine.work import Work
from plugins.contracts import State


def kill(work: Work, event: ev.KillRequested) -> str | None:
    """Somebody kills it, or what still runs after its end."""
    if not work.execution.state.is_terminal:
        halt(work, State.KILLED, is_cascading=event.is_cascading)
        work.decisions.kills_descendants = event.is_cascading and not event.is_from_above
    elif work.execution.frame.get("stage") == "after":
        halt_after(work)
    else:
        return f"the execution is {work.execution.state}"
    return None


def cancel(work: Work, event: ev.CancelRequested) -> str | None:
    """An operator cancels it: what runs is let end."""
    if "end_as" in work.execution.frame:
        return "the execution is ending"
    if work.execution.state in (State.CREATED, State.QUEUED) and not restarting.is_waiting(work):
        finishing.end_before_it_began(work, State.CANCELLED)
    else:
        exit_as(work, State.CANCELLED)
    return None


def halt(work: Work, end_as: State, *, is_cascading: bool) -> None:
    """Nothing more begins; what waits ends KILLED now, what runs is told to stop; the last to end ends it all."""
    frame = work.frame(None)
    frame["end_as"] = end_as.value
    for counter in ("held", "paused", "retrying", "stopped", "resting", "exits"):
        frame.pop(counter, None)
    unfinished = work.unfinished_tree()
    if end_as is State.KILLED:
        for run in unfinished:
            if run.state is State.PAUSED and not holding.is_resting(run):
                pausing.kill_paused(work, run)
        work.move_execution(State.KILLING)
    for run in unfinished:
        stop(work, run, is_cascading=is_cascading)
    work.then("advance", None)


def exit_as(work: Work, state: State) -> None:
    """A task ends the execution: nothing more begins, what runs is let end, and the last to end ends it all."""
    frame = work.frame(None)
    frame["end_as"], frame["exits"] = state.value, True
    for counter in ("held", "paused", "retrying", "stopped", "resting"):
        frame.pop(counter, None)
    for run in work.unfinished_tree():
        if run.state is not State.RUNNING and run.waits_for != "worker":
            stop(work, run, is_cascading=True)
        elif work.node(run).kind is Kind.FLOWABLE:
            work.then("advance", run)
    work.then("advance", None)


def halt_after(work: Work) -> None:
    """The execution has ended already: stop what its `afterExecution` still does."""
    work.frame(None).update(stage="done", end_as=State.KILLED.value)
    for run in work.unfinished_tree():
        stop(work, run, is_cascading=True)


def stop(work: Work, run: TaskRun, *, is_cascading: bool) -> None:
    if run.state is State.RUNNING:
        _stop_running(work, run, is_cascading)
        return
    if run.waits_for == "worker":
        work.decisions.kill_jobs.append(run.id)
    if run.state is State.RETRYING:
        work.decisions.cancelled_timers.append(retry_key(run))
    if run.state is State.PAUSED:
        work.decisions.cancelled_timers += holding.timers_of(run)
        stop_below(work, run, State.KILLED)
    finish(work, run, State.KILLED)


def _stop_running(work: Work, run: TaskRun, is_cascading: bool) -> None:
    node = work.node(run)
    if node.kind is Kind.CHILD:
        _stop_child(work, run, is_cascading)
    elif node.kind is Kind.TURNS:
        loops.stop(work, run)
    elif node.kind is Kind.FLOWABLE:
        work.then("advance", run)
    elif not node.is_inside_job and not _is_past_its_job(run):
        work.decisions.kill_jobs.append(run.id)
    elif node.kind is Kind.DIRECTORY:
        work.then("advance", run)


def _is_past_its_job(run: TaskRun) -> bool:
    """A WorkingDirectory whose job has ended still runs while its `errors` or `finally` do."""
    return bool(run.attempts) and run.attempts[-1].state.is_terminal


def _stop_child(work: Work, run: TaskRun, is_cascading: bool) -> None:
    is_ordered = run.frame is not None and "awaited" in run.frame
    if is_cascading and is_ordered:
        work.decisions.kill_children_of.append(run.id)
    else:
        end_child_task(work, run, State.KILLED)
