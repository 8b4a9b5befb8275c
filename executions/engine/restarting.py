"""Restart, and a task run marked by a person: the same execution goes on from where it was changed."""

from __future__ import annotations

from collections.abc import Container, Iterable

from executions.engine import children, holding, lanes, pausing
from executions.engine.compiled import SIDE_BRANCHES, Kind
from executions.engine.events import RestartRequested, TaskRunMarked
from executions.engine.rebuilding import RESTARTABLE, Family, is_leaf, rebuilt_frame, scopes_to_revive
from executions.engine.records import Step, TaskRun
from executions.engine.reported import is_reported
from executions.engine.start import RESTARTED
from executions.engine.work import Work
from plugins.contracts import State
from plugins.contracts.plans import ExecutableTask, LoopTask

_WAITS = "waits_to_go_on"
NOTHING_TO_RESTART = "No task found to restart execution from!"


def restart(work: Work, event: RestartRequested) -> str | None:
    """Run again what failed, was killed or is paused, with all that is around it."""
    reason = prepare_restart(work)
    if reason is None:
        go_on_or_wait(work, event.has_slot)
    return reason


def go_on_or_wait(work: Work, has_slot: bool) -> None:
    """What was set to run again goes on, or waits for a place as an execution that has not begun does."""
    if has_slot:
        work.execution.frame.pop(_WAITS, None)
        go_on(work)
        return
    work.frame(None)[_WAITS] = True
    work.move_execution(State.QUEUED)


def is_waiting(work: Work) -> bool:
    """Whether it is a restart that waits for its place."""
    return bool(work.execution.frame.get(_WAITS))


def stop_waiting(work: Work) -> bool:
    """Go on with a restart that waited for its place. Whether there was one."""
    if not work.frame(None).pop(_WAITS, False):
        return False
    work.move_execution(State.RUNNING)
    go_on(work)
    return True


def prepare_restart(work: Work) -> str | None:
    """Set the states of a restart and decide nothing yet. Returns why there is nothing to restart, if so."""
    family = Family(work.flow, work.all_task_runs())
    targets = [run for run in family.by_id.values() if _is_to_run_again(family, run)]
    if not targets:
        return NOTHING_TO_RESTART
    kept = _scopes_at_work(family, targets)
    again = {run.id for run in targets}
    gone = [run for run in family.by_id.values() if _leaves_no_trace(family, run, kept) or _ran_in(family, run, again)]
    _drop(work, family, gone)
    work.execution.labels[RESTARTED] = "true"
    leaves = [run for run in targets if is_leaf(family, run)]
    for run in leaves:
        restart_leaf(work, run)
    _revive(work, family, targets, [run for run in targets if not is_leaf(family, run)])
    return None


def _is_to_run_again(family: Family, run: TaskRun) -> bool:
    """What failed, was killed or is paused; but no failure that something around it allowed."""
    if run.state not in RESTARTABLE or _leaves_no_trace(family, run) or family.flow.nodes[run.task_id].is_inside_job:
        return False
    return not any(above.state in (State.SUCCESS, State.WARNING) for above in family.ancestors(run))


def _leaves_no_trace(family: Family, run: TaskRun, kept: Container[str] = ()) -> bool:
    """Whether a restart makes it anew, if at all: what failures led to.

    What stands in errors or finally of one of the scopes `kept` stays: that scope is busy with it.
    """
    return family.is_side(run) and family.side_of(run) not in kept


def _ran_in(family: Family, run: TaskRun, again: Container[str | None]) -> bool:
    """Whether it ran in the job of one of those that run again; what ran in others stays, with what it brought."""
    return family.flow.nodes[run.task_id].is_inside_job and run.parent_id in again


def _scopes_at_work(family: Family, targets: Iterable[TaskRun]) -> set[str]:
    """Scopes that run and that a restart of these does not touch: a paused execution may have some."""
    touched = {each.id for run in targets for each in (run, *family.ancestors(run))}
    return {run.id for run in family.by_id.values() if run.state is State.RUNNING} - touched


def _drop(work: Work, family: Family, runs: Iterable[TaskRun]) -> None:
    for run in family.drop(list(runs)):
        if not run.state.is_terminal and work.node(run).kind in (Kind.RUNNABLE, Kind.DIRECTORY):
            work.decisions.kill_jobs.append(run.id)
        work.delete(run)


def restart_leaf(work: Work, run: TaskRun) -> None:
    """Attempts stay; those to come are counted anew against `retry`."""
    run.waits_for = None
    task = work.node(run).task
    if isinstance(task, ExecutableTask):
        children.keep_for_restart(run, task)
    elif not isinstance(task, LoopTask):
        children.start_anew(run)
    work.move(run, State.RESTARTED)


def _revive(work: Work, family: Family, touched: Iterable[TaskRun], themselves: Iterable[TaskRun]) -> None:
    """Let the scopes around these task runs run again, and some of them `themselves`."""
    for scope in scopes_to_revive(family, touched, themselves):
        revive_scope(work, family, scope)
    frame = work.execution.frame
    work.execution.frame = rebuilt_frame(family, None, frame, 1)
    work.execution.outputs = None
    work.move_execution(State.RESTARTED)


def revive_scope(work: Work, family: Family, scope: TaskRun) -> None:
    frame = scope.frame or {}
    scope.frame = rebuilt_frame(family, scope, frame, frame.get("lanes", 1))
    scope.waits_for = None
    work.move(scope, State.RUNNING)


def go_on(work: Work) -> None:
    """Begin what waits to run again, and carry every revived scope on."""
    family = Family(work.flow, work.all_task_runs())
    _count_waiting(work, family)
    lanes.open_lanes(work, None)
    for run in list(family.by_id.values()):
        if run.state is State.RESTARTED:
            work.then("open", run)
        elif run.state is State.RUNNING and work.node(run).kind is Kind.FLOWABLE:
            _go_on_in(work, run)
    work.then("advance", None)
    work.then("release", None)


def _go_on_in(work: Work, scope: TaskRun) -> None:
    if "stage" in (scope.frame or {}):
        lanes.open_lanes(work, scope)
        work.then("advance", scope)
    elif scope.waits_for is None:
        work.then("launch", scope)


def _count_waiting(work: Work, family: Family) -> None:
    states = [run.state for run in family.by_id.values()]
    resting = sum(run.state is State.PAUSED and holding.is_resting(run) for run in family.by_id.values())
    counts = {
        holding.PAUSED: states.count(State.PAUSED) - resting,
        holding.RESTING: resting,
        "retrying": states.count(State.RETRYING),
        "stopped": states.count(State.BREAKPOINT),
    }
    for name, number in counts.items():
        holding.count(work, name, number - work.execution.frame.get(name, 0))


def mark(work: Work, run: TaskRun, event: TaskRunMarked) -> str | None:
    """Give a task run another end, or let a paused one run, and go on from there."""
    if event.state is State.RUNNING and run.state is State.PAUSED and not holding.is_resting(run):
        pausing.resume(work, run, State.RUNNING)
        return None
    reason = prepare_mark(work, run, event.state)
    if reason is None:
        go_on(work)
    return reason


def prepare_mark(work: Work, run: TaskRun, state: State) -> str | None:
    """Set the states of a mark and decide nothing yet. Returns why it is refused, if so."""
    if not state.is_terminal or not (run.state.is_terminal or run.state is State.PAUSED):
        return f"a task run that is {run.state} cannot be marked {state}"
    if is_reported(run):
        return "what a task has reported of its own work cannot be marked: mark the task"
    family = Family(work.flow, work.all_task_runs())
    if work.node(run).is_inside_job:
        return "what runs inside a WorkingDirectory cannot be marked: mark the directory"
    if family.is_side(run):
        return "what runs in errors, finally or afterExecution cannot be marked"
    around = {above.id for above in family.ancestors(run)} | {None}
    _drop(work, family, (each for each in list(family.by_id.values()) if _is_side_of(each, around)))
    if run.state is State.PAUSED:
        work.decisions.cancelled_timers += holding.timers_of(run)
        _drop(work, family, [child for child in family.below[run.id] if not child.state.is_terminal])
    run.waits_for = None
    work.move(run, state)
    if run.attempts:
        run.attempts[-1].history.append(Step(state, work.at))
    work.execution.labels[RESTARTED] = "true"
    _revive(work, family, [run], [])
    return None


def _is_side_of(run: TaskRun, around: set[str | None]) -> bool:
    return run.branch in SIDE_BRANCHES and run.parent_id in around
