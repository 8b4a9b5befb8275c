"""One event folded into an execution: the only way it ever changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from executions.engine import (
    children,
    ending,
    exiting,
    finishing,
    halting,
    holding,
    jobs,
    lanes,
    loops,
    message_size,
    pausing,
    restarting,
    rounds,
    slas,
    starting,
)
from executions.engine import (
    events as ev,
)
from executions.engine.compiled import CompiledFlow, Kind
from executions.engine.decisions import Decisions
from executions.engine.ledger import Ledger
from executions.engine.records import TaskRun
from executions.engine.transition_table import ACCEPTS, ENDS
from executions.engine.work import Work
from plugins.contracts import LogLevel, State
from plugins.contracts.plans import Plan

E = TypeVar("E", bound=ev.Event)

_AT_A_GATE = frozenset({State.CREATED, State.RESTARTED})


def fold(flow: CompiledFlow, ledger: Ledger, event: ev.Event) -> Decisions:
    """Advance the ledger's records in place and say what changed.

    Deterministic. An event that is impossible now or comes too late changes nothing: its answer says why in `refused`.
    """
    state = ledger.execution.state
    if state not in ACCEPTS[type(event)]:
        return Decisions(refused=f"the execution is {state}")
    work = Work(flow, ledger, event)
    refused = _TAKE[type(event)](work, event)
    if refused is not None:
        return Decisions(refused=refused)
    _settle(work)
    return work.finish()


def _settle(work: Work) -> None:
    """Do what follows from what was done, until nothing more does."""
    if message_size.is_outgrown(work):
        halting.halt(work, State.FAILED, is_cascading=True)
    if work.flow.assertions:
        slas.check(work)
    follows = bool(work.todo)
    _drain(work)
    if work.flow.assertions and follows and work.execution.frame.get("stage") != "after":
        slas.check(work)
        _drain(work)
    _derive_state(work)


def _drain(work: Work) -> None:
    while work.todo:
        verb, run = work.todo.popleft()
        _VERBS[verb](work, run)


def _ended(work: Work, run: TaskRun | None) -> None:
    assert run is not None
    if work.node(run).is_inside_job:
        jobs.child_of_job_ended(work, run)
    else:
        lanes.child_ended(work, run)


def _open(work: Work, run: TaskRun | None) -> None:
    assert run is not None
    starting.open_run(work, run)


def _check_run_if(work: Work, run: TaskRun | None) -> None:
    assert run is not None
    starting.check_run_if(work, run)


def _launch(work: Work, run: TaskRun | None) -> None:
    assert run is not None
    starting.launch(work, run)


def _open_turns(work: Work, run: TaskRun | None) -> None:
    if run is not None and run.frame is not None and "total" in run.frame:
        loops.open_turns(work, run)


_VERBS: dict[str, Callable[[Work, TaskRun | None], None]] = {
    "open": _open,
    "judge": _check_run_if,
    "launch": _launch,
    "ended": _ended,
    "open_turns": _open_turns,
    "advance": finishing.advance,
    "release": lambda work, _: pausing.release(work),
    "halt_retried": lambda work, _: halting.halt(work, State.RETRIED, is_cascading=False),
    "halt_cancelled": lambda work, _: halting.halt(work, State.CANCELLED, is_cascading=True),
}


def _derive_state(work: Work) -> None:
    """An execution that has begun is in the state its counters say."""
    execution = work.execution
    if execution.state is State.QUEUED or execution.state.is_terminal:
        return
    if "stage" not in execution.frame and "end_as" not in execution.frame:
        return
    state = _derived(work)
    if state is not execution.state:
        work.move_execution(state)


def _derived(work: Work) -> State:
    frame = work.execution.frame
    if "end_as" in frame:
        is_killed = frame["end_as"] == State.KILLED and not frame.get("exits")
        return State.KILLING if is_killed else State.RUNNING
    if holding.is_paused(work):
        return State.PAUSED
    if frame.get("stopped"):
        return State.BREAKPOINT
    if frame.get("retrying"):
        return State.RETRYING
    if frame.get("resting"):
        return State.PAUSED
    is_act = work.execution.state is State.RESTARTED and isinstance(work.event, _ACTS)
    return State.RESTARTED if is_act else State.RUNNING


_ACTS = (ev.Created, ev.RestartRequested, ev.ResumeRequested, ev.TaskRunMarked)


def _created(work: Work, event: ev.Created) -> str | None:
    if event.stopped_as is not None:
        finishing.end_before_it_began(work, event.stopped_as)
        return None
    if work.execution.state is State.RESTARTED:
        restarting.go_on_or_wait(work, event.has_slot)
        return None
    if event.failed_check is not None:
        work.log(LogLevel.ERROR, event.failed_check)
        finishing.end_before_it_began(work, State.FAILED)
        return None
    if event.has_slot:
        _begin(work)
        return None
    concurrency = work.flow.flow.concurrency
    behavior = str(concurrency.behavior) if concurrency is not None else "QUEUE"
    if behavior == "QUEUE":
        work.move_execution(State.QUEUED)
        return None
    if behavior == "FAIL":
        work.log(LogLevel.ERROR, "Execution is FAILED due to concurrency limit exceeded")
    finishing.end_before_it_began(work, State.CANCELLED if behavior == "CANCEL" else State.FAILED)
    return None


def _begin(work: Work) -> None:
    if restarting.stop_waiting(work):
        return
    if message_size.is_exceeded(work):
        finishing.end_before_it_began(work, State.FAILED)
        return
    if not slas.holds_before_it_begins(work):
        return
    if any(work.flow.branches.values()):
        work.move_execution(State.RUNNING)
    slas.watch(work)
    lanes.begin(work, None, Plan())


def _unqueued(work: Work, event: ev.Unqueued) -> str | None:
    if event.state is State.RUNNING:
        _begin(work)
    elif event.state in (State.CANCELLED, State.FAILED):
        if restarting.is_waiting(work):
            halting.halt(work, event.state, is_cascading=False)
        else:
            finishing.end_before_it_began(work, event.state)
    else:
        return f"a queued execution cannot become {event.state}"
    return None


def _slot_freed(work: Work, event: ev.SlotFreed) -> str | None:
    _begin(work)
    return None


def _run_forced(work: Work, event: ev.RunForced) -> str | None:
    if work.execution.state is State.PAUSED:
        return _resume_all(work)
    _begin(work)
    return None


def _resume_all(work: Work) -> str | None:
    work.frame(None).pop("held", None)
    for run in work.unfinished_tree():
        if run.state is State.PAUSED:
            _let_go_on(work, run)
    work.then("release", None)
    return None


def _let_go_on(work: Work, run: TaskRun) -> None:
    if holding.is_resting(run):
        rounds.again(work, run)
    else:
        pausing.resume(work, run, State.RUNNING)


def _for_run(take: Callable[[Work, TaskRun, E], str | None]) -> Callable[[Work, E], str | None]:
    """An event about one task run, refused when there is none."""

    def taken(work: Work, event: E) -> str | None:
        run = work.find(event.task_run_id)  # type: ignore[attr-defined]  # every event about a task run names it
        if run is None:
            return "there is no such task run"
        return take(work, run, event)

    return taken


def _evaluated(work: Work, event: ev.Evaluated) -> str | None:
    kind, _, rest = event.key.partition(":")
    if kind == "outputs":
        return _outputs_evaluated(work, event)
    task_run_id, _, detail = rest.partition(":")
    run = work.find(task_run_id)
    if run is None or run.waits_for != kind or run.state.is_terminal:
        return "nothing waits for these values"
    if event.error is not None:
        return _evaluation_failed(work, run, kind, detail, event.error)
    return _take_values(work, run, kind, detail, event)


def _outputs_evaluated(work: Work, event: ev.Evaluated) -> str | None:
    if work.execution.frame.get("stage") != "outputs" or work.execution.state.is_terminal:
        return "nothing waits for these values"
    if event.error is not None:
        finishing.outputs_failed(work, event.error)
    else:
        finishing.give_outputs(work, event.values)
    return None


def _evaluation_failed(work: Work, run: TaskRun, kind: str, detail: str, reason: str) -> str | None:
    if kind == "items":
        _end_of(work, run)(work, run, State.FAILED, reason)
    elif kind == "child":
        return children.refused(work, run, reason, _iteration(detail))
    else:
        ending.fail(work, run, starting.gate_failure(run, reason) if kind == "gate" else reason)
    return None


def _end_of(work: Work, run: TaskRun) -> Callable[[Work, TaskRun, State, str], None]:
    return loops.end if work.node(run).kind is Kind.TURNS else children.end


def _iteration(detail: str) -> int | None:
    _attempt, _, iteration = detail.partition(":")
    return int(iteration) if iteration else None


SECRET_VALUES = (
    "The values of a loop hold a secret. They name its turns and are shown with them: go over names that are none, and "
    "read the secret of each inside"
)
_PLANS = {Kind.TURNS: loops.follow_values, Kind.ENDING: exiting.end}


def _take_values(work: Work, run: TaskRun, kind: str, detail: str, event: ev.Evaluated) -> str | None:
    if kind == "gate" and run.state in _AT_A_GATE:
        starting.pass_gate(work, run, event.values)
    elif kind in ("plan", "items") and event.secrets and getattr(work.node(run).task, "GOES_OVER_VALUES", False):
        _evaluation_failed(work, run, kind, detail, SECRET_VALUES)
    elif kind == "plan" and run.state in _AT_A_GATE:
        _PLANS.get(work.node(run).kind, starting.follow_plan)(work, run, event.values)
    elif kind == "round" and event.key == rounds.key(run):
        run.waits_for = None
        rounds.answer(work, run, event.values)
    elif kind == "items" and detail == str(len(run.attempts)):
        iterate = loops.follow_lines if work.node(run).kind is Kind.TURNS else children.iterate
        iterate(work, run, event.values)
    elif kind == "child" and detail.split(":")[0] == str(len(run.attempts)):
        children.start_child(work, run, event.values, _iteration(detail))
    else:
        return "nothing waits for these values"
    return None


def _timer_fired(work: Work, event: ev.TimerFired) -> str | None:
    kind, _, rest = event.key.partition(":")
    if kind == "sla":
        return slas.time_is_up(work, int(rest))
    run = work.find(rest.partition(":")[0])
    if run is None:
        return "there is no such task run"
    if kind in ("delay", "timeout"):
        return pausing.time_is_up(work, run, kind)
    if kind == "retry":
        return _retry_due(work, run, event.key)
    if kind == "round" and run.state is State.PAUSED and holding.is_resting(run) and rounds.key(run) == event.key:
        rounds.again(work, run)
        return None
    if kind == "limit":
        return rounds.time_is_up(work, run)
    return "nothing waits for this timer"


def _retry_due(work: Work, run: TaskRun, key: str) -> str | None:
    if run.state is not State.RETRYING or ending.retry_key(run) != key:
        return "the task run does not wait for a retry"
    work.move(run, State.CREATED)
    run.waits_for = None
    holding.count(work, "retrying", -1)
    work.then("open", run)
    return None


def _pause_requested(work: Work, event: ev.PauseRequested) -> str | None:
    if "end_as" in work.execution.frame:
        return "the execution is ending"
    work.frame(None)["held"] = True
    return None


def _resume_requested(work: Work, event: ev.ResumeRequested) -> str | None:
    frame = work.execution.frame
    if event.is_hold_only and not frame.get("held"):
        return "nothing holds the execution"
    if event.is_hold_only or (event.task_run_id is None and frame.get("held") and not frame.get("paused")):
        work.frame(None).pop("held")
        work.then("release", None)
        return None
    run = _paused_run(work, event.task_run_id)
    if run is None:
        return "there is no paused task run"
    if holding.is_resting(run):
        rounds.again(work, run)
    else:
        pausing.resume(work, run, event.to_state, event.inputs, event.actor)
    return None


def _paused_run(work: Work, task_run_id: str | None) -> TaskRun | None:
    if task_run_id is not None:
        run = work.find(task_run_id)
        return run if run is not None and run.state is State.PAUSED else None
    return next((run for run in work.unfinished_tree() if run.state is State.PAUSED), None)


def _breakpoint_resumed(work: Work, event: ev.BreakpointResumed) -> str | None:
    work.execution.breakpoints = list(event.breakpoints)
    work.decisions.execution_changed = True
    for run in work.unfinished_tree():
        if run.state is State.BREAKPOINT:
            pausing.leave_breakpoint(work, run)
            work.then("judge", run)
    return None


def _status_forced(work: Work, event: ev.StatusForced) -> str | None:
    if event.state not in ENDS:
        return f"{event.state} is no end of an execution"
    work.move_execution(event.state)
    return None


def _labels_set(work: Work, event: ev.LabelsSet) -> str | None:
    work.execution.labels.update(event.labels)
    work.decisions.execution_changed = True
    return None


def _child_changed(work: Work, run: TaskRun, event: ev.ChildChanged) -> str | None:
    if work.node(run).kind is Kind.TURNS:
        return loops.turn_ended(work, run, event)
    return children.changed(work, run, event)


def _child_not_restarted(work: Work, run: TaskRun, event: ev.ChildNotRestarted) -> str | None:
    if work.node(run).kind is Kind.TURNS:
        return loops.not_restarted(work, run, event.iteration or 0)
    return children.not_restarted(work, run, event.iteration)


def _turn_began(work: Work, event: ev.TurnBegan) -> str | None:
    if "stage" in work.execution.frame:
        return "the turn has begun"
    work.frame(None)["given"] = len(work.execution.history)
    lanes.begin(work, None, Plan())
    return None


_TAKE: dict[type[ev.Event], Callable[..., str | None]] = {
    ev.Created: _created,
    ev.JobStarted: _for_run(jobs.started),
    ev.JobEnded: _for_run(jobs.ended),
    ev.JobLost: _for_run(jobs.lost),
    ev.Evaluated: _evaluated,
    ev.ChildChanged: _for_run(_child_changed),
    ev.ChildNotRestarted: _for_run(_child_not_restarted),
    ev.TurnBegan: _turn_began,
    ev.TurnsDue: _for_run(lambda work, run, event: loops.turns_due(work, run)),
    ev.ChildRefused: _for_run(children.was_refused),
    ev.TimerFired: _timer_fired,
    ev.SlotFreed: _slot_freed,
    ev.KillRequested: halting.kill,
    ev.CancelRequested: halting.cancel,
    ev.PauseRequested: _pause_requested,
    ev.ResumeRequested: _resume_requested,
    ev.BreakpointResumed: _breakpoint_resumed,
    ev.RestartRequested: restarting.restart,
    ev.TaskRunMarked: _for_run(restarting.mark),
    ev.StatusForced: _status_forced,
    ev.RunForced: _run_forced,
    ev.Unqueued: _unqueued,
    ev.LabelsSet: _labels_set,
}
