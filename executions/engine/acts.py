"""What people may do with an execution that makes another one of it: replay, and restart in another revision."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace as with_changes
from datetime import datetime

from executions.engine.children import start_anew
from executions.engine.compiled import SIDE_BRANCHES, CompiledFlow, Kind
from executions.engine.events import RestartRequested
from executions.engine.ledger import Ledger, TurnState
from executions.engine.rebuilding import Family, rebuilt_frame, scopes_to_revive
from executions.engine.records import Attempt, Execution, Step, TaskRun
from executions.engine.reported import is_reported
from executions.engine.restarting import prepare_restart, restart_leaf, revive_scope
from executions.engine.start import REPEATS
from executions.engine.work import Work
from plugins.contracts import State
from plugins.contracts.plans import Shape


class ActRefused(Exception):
    """What was asked is impossible; the text says why."""


def replay(
    flow: CompiledFlow,
    ledger: Ledger,
    task_run_id: str | None = None,
    *,
    id: str,
    at: datetime,
    seed: int,
    breakpoints: Iterable[str] = (),
) -> tuple[Execution, list[TaskRun]]:
    """The records of a new execution that repeats this one, from a task run on or from the start.

    `flow` may be another revision: what it no longer has is left out. Write the records, then feed `Created`. What
    stands before the task run keeps its results under new ids. Raises ActRefused.
    """
    if task_run_id is None:
        return _copied_execution(flow, ledger.execution, id, at, State.CREATED, breakpoints, REPEATS), []
    copies = _copies(flow, ledger, id, at, seed)
    target = copies.renamed.get(task_run_id)
    if target is None or is_reported(target):
        raise ActRefused("No task found to replay from: there is no such task run")
    execution = _copied_execution(flow, ledger.execution, id, at, State.RESTARTED, breakpoints, REPEATS)
    family = Family(flow, copies.runs)
    target = _job_around(family, target)
    if family.is_side(target):
        raise ActRefused("what runs in errors, finally or afterExecution cannot be replayed")
    _drop_what_follows(flow, family, target)
    _repeat(family, target, execution, at)
    _number_anew(family, execution)
    return execution, sorted(family.everything(), key=lambda run: run.seq)


def restart_in(
    flow: CompiledFlow, ledger: Ledger, *, id: str, at: datetime, seed: int
) -> tuple[Execution, list[TaskRun]]:
    """The records of a new execution that runs again, in another revision, what failed in this one.

    Write them, then feed `Created`. Raises ActRefused when nothing failed.
    """
    copies = _copies(flow, ledger, id, at, seed)
    execution = _copied_execution(flow, ledger.execution, id, at, ledger.execution.state, (), {})
    execution.frame = dict(ledger.execution.frame)
    execution.task_run_count = ledger.execution.task_run_count
    work = Work(flow, _Copies(execution, copies.runs, copies.renamed), RestartRequested(at=at, seed=seed))
    reason = prepare_restart(work)
    if reason is not None:
        raise ActRefused(reason)
    for run in work.all_task_runs():
        if run.state is State.RESTARTED:
            start_anew(run)
    return execution, sorted(work.all_task_runs(), key=lambda run: run.seq)


class _Copies:
    """The task runs of an execution under new ids, readable like a ledger as far as an act needs it."""

    outer = None

    def __init__(self, execution: Execution, runs: list[TaskRun], renamed: dict[str, TaskRun]) -> None:
        self.execution = execution
        self.runs = runs
        self.renamed = renamed
        self.by_id = {run.id: run for run in runs}

    def task_run(self, task_run_id: str) -> TaskRun:
        return self.by_id[task_run_id]

    def all_task_runs(self) -> list[TaskRun]:
        return self.runs

    def item(self, task_run_id: str, index: int) -> object:
        return (self.by_id[task_run_id].items or [])[index]

    def items(self, task_run_id: str) -> list[object]:
        return self.by_id[task_run_id].items or []

    def turn_outputs(self, task_run_id: str) -> list[tuple[int, dict[str, object]]]:
        return []

    def turn_states(self, task_run_id: str) -> list[TurnState]:
        return []

    def children(self, parent_id: str | None) -> list[TaskRun]:
        return [run for run in self.runs if run.parent_id == parent_id]

    def unfinished(self, parent_id: str | None) -> list[TaskRun]:
        return [run for run in self.children(parent_id) if not run.state.is_terminal]

    def outputs(
        self, task_id: str, first: Collection[str] | None = None
    ) -> list[tuple[tuple[str, ...], dict[str, object]]]:
        return []

    def states(self, task_id: str) -> list[tuple[tuple[str, ...], str]]:
        return []

    def error_logs(self) -> list[dict[str, object]]:
        return []


def _copies(flow: CompiledFlow, ledger: Ledger, id: str, at: datetime, seed: int) -> _Copies:
    namer = Work(flow, _Copies(with_changes(ledger.execution, id=id), [], {}), RestartRequested(at=at, seed=seed))
    known = [run for run in ledger.all_task_runs() if run.task_id in flow.nodes or is_reported(run)]
    renamed = {run.id: _copied_run(run, namer.new_id(run.seq)) for run in known}
    kept = {}
    for old in known:
        copy = renamed[old.id]
        if old.parent_id is None or old.parent_id in kept:
            copy.parent_id = None if old.parent_id is None else renamed[old.parent_id].id
            kept[old.id] = copy
    return _Copies(ledger.execution, list(kept.values()), kept)


def _copied_run(run: TaskRun, new_id: str) -> TaskRun:
    attempts = [
        Attempt(each.number, list(each.history), each.worker_id, each.error, each.log_file) for each in run.attempts
    ]
    frame = dict(run.frame) if run.frame is not None else None
    return with_changes(run, id=new_id, history=list(run.history), attempts=attempts, frame=frame)


def _copied_execution(
    flow: CompiledFlow,
    old: Execution,
    id: str,
    at: datetime,
    state: State,
    breakpoints: Iterable[str],
    labels: Mapping[str, str],
) -> Execution:
    history = [Step(State.CREATED, at)] if state is State.CREATED else list(old.history)
    return with_changes(
        old,
        id=id,
        flow_revision=flow.flow.revision or old.flow_revision,
        state=history[-1].state,
        history=history,
        labels={**old.labels, **labels},
        inputs=dict(old.inputs),
        variables=dict(old.variables),
        outputs=None,
        parent_id=old.id,
        original_id=old.original_id or old.id,
        breakpoints=list(breakpoints),
        schedule_date=None,
        task_run_count=0,
        frame={},
    )


def _job_around(family: Family, target: TaskRun) -> TaskRun:
    """What runs inside of a job runs again with the job: nobody would begin it alone."""
    while family.flow.nodes[target.task_id].is_inside_job and target.parent_id is not None:
        target = family.by_id[target.parent_id]
    return target


def _drop_what_follows(flow: CompiledFlow, family: Family, target: TaskRun) -> None:
    """What stands before it, and beside it, stays; what comes after it in its lane and after what is around it goes."""
    place = target
    for scope in (*family.ancestors(target), None):
        siblings = list(family.below[scope.id if scope is not None else None])
        family.drop([run for run in siblings if run is not place and _comes_after(flow, scope, place, run)])
        if scope is not None:
            place = scope


def _comes_after(flow: CompiledFlow, scope: TaskRun | None, place: TaskRun, run: TaskRun) -> bool:
    """Whether a task run of a scope only ran because another one of that scope had ended."""
    if run.branch in SIDE_BRANCHES:
        return True
    frame = (scope.frame or {}) if scope is not None else {}
    shape = frame.get("shape", Shape.CHAIN.value)
    if shape == Shape.GRAPH and scope is not None:
        return run.lane in _dependents(flow.nodes[scope.task_id].waits_for, place.lane)
    if run.lane != place.lane:
        return shape == Shape.LOOP and frame.get("limit") == 1 and run.lane > place.lane
    return flow.nodes[run.task_id].position > flow.nodes[place.task_id].position


def _dependents(waits_for: Mapping[int, frozenset[int]], lane: int) -> set[int]:
    found: set[int] = set()
    waiting = [lane]
    while waiting:
        each = waiting.pop()
        new = {other for other, waits in waits_for.items() if each in waits} - found
        found |= new
        waiting.extend(new)
    return found


def _repeat(family: Family, target: TaskRun, execution: Execution, at: datetime) -> None:
    """Let the target and all around it run again, and take the execution up to there."""
    work = Work(
        family.flow,
        _Copies(execution, list(family.by_id.values()), {}),
        RestartRequested(at=at, seed=0),
    )
    family.drop(list(family.below[target.id]))
    family.reported.pop(target.id, None)
    restart_leaf(work, target)
    start_anew(target)
    if family.flow.nodes[target.task_id].kind is Kind.FLOWABLE:
        target.history.pop()
        target.state = target.history[-1].state
        target.frame = None
        work.move(target, State.RUNNING)
    for scope in scopes_to_revive(family, [target], []):
        revive_scope(work, family, scope)
    execution.frame = rebuilt_frame(family, None, {}, 1)
    work.move_execution(State.RESTARTED)


def _number_anew(family: Family, execution: Execution) -> None:
    for seq, run in enumerate(sorted(family.everything(), key=lambda run: run.seq)):
        run.seq = seq
    execution.task_run_count = len(family.everything())
