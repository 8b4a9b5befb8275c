"""Scopes and their lanes: what comes after what inside a flowable or the flow itself.

A scope (a flowable task run, or the root) works on one branch of its tasks, cut into lanes. The tasks of a lane run one
after the other; so many lanes are open at once. The scope's frame holds only counters: an ended child finds its
successor by its own lane and position, so an event costs the same with ten children or ten thousand.

    frame = {"stage", "branch", "shape", "limit", "lanes", "next", "open", "worst", "failed", "halted", "side"}

Stages: `main`, then `errors` when a task failed, then `finally`, then `done`. `errors` begin at once, beside lanes
that are still open; nothing new of the main branch begins after a failure. `side` tells that a task of errors or
finally is running.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from executions.engine.compiled import SIDE_BRANCHES
from executions.engine.records import TaskRun
from executions.engine.stopping import stop_beside
from executions.engine.work import Work
from plugins.contracts import State
from plugins.contracts.plans import Plan, Shape

_RANK = {State.WARNING: 1, State.FAILED: 2, State.KILLED: 3}
_RANKED = (State.SUCCESS, State.WARNING, State.FAILED, State.KILLED)
_ENDED_BESIDE = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}
HALTS = frozenset({State.FAILED, State.KILLED})


def begin(work: Work, scope: TaskRun | None, plan: Plan) -> None:
    """Lay out the lanes of a plan and open the first ones."""
    frame = work.frame(scope)
    frame.update(stage="main", branch=plan.branch, shape=plan.shape.value, limit=plan.limit, next=0, open=0)
    frame["lanes"] = _count_lanes(work, scope, plan)
    if plan.on_failure is not None:
        frame["on_failure"] = plan.on_failure
    if plan.shape is Shape.GRAPH:
        frame["done"], frame["opened"] = [], []
        frame["ready"] = _ready(work, scope, frame, range(frame["lanes"]))
    open_lanes(work, scope)
    if frame["open"] == 0:
        work.then("advance", scope)


def begin_failed(work: Work, scope: TaskRun) -> None:
    """A scope that has failed before any of its tasks began: `errors` and `finally` have their turn."""
    frame = work.frame(scope)
    frame.update(stage="main", branch="tasks", shape=Shape.CHAIN.value, limit=0, lanes=0, next=0, open=0)
    remember(frame, State.FAILED)
    work.then("advance", scope)


def tasks_of(work: Work, scope: TaskRun | None, branch: str) -> tuple[str, ...]:
    branches = work.flow.branches if scope is None else work.node(scope).branches
    return branches.get(branch, ())


def child_ended(work: Work, run: TaskRun) -> None:
    """Tell the scope around a task run that it has ended."""
    scope = work.parent(run)
    if run.branch in SIDE_BRANCHES:
        _side_ended(work, scope, run)
    else:
        _main_ended(work, scope, run)
    work.then("advance", scope)


def _main_ended(work: Work, scope: TaskRun | None, run: TaskRun) -> None:
    frame = work.frame(scope)
    is_first_failure = run.state is State.FAILED and not frame.get("failed")
    remember(frame, run.state)
    beside = _ENDED_BESIDE.get(frame.get("on_failure", ""))
    if is_first_failure and beside is not None and scope is not None:
        frame["open"] = stop_beside(work, scope, beside)
        return
    if _next_in_lane(work, scope, frame, run):
        return
    frame["open"] = max(0, frame["open"] - 1)
    if frame["shape"] == Shape.GRAPH:
        frame["done"].append(run.lane)
        frame["ready"] += _ready(work, scope, frame, _dependents(work, scope, run.lane))
    open_lanes(work, scope)


def remember(frame: dict[str, Any], state: State) -> None:
    frame["worst"] = max(frame.get("worst", 0), _RANK.get(state, 0))
    if state in HALTS:
        frame["halted"] = True
    if state is State.FAILED:
        frame["failed"] = True


def worst(frame: dict[str, Any]) -> State:
    """What the main tasks of a scope came to; what `finally` comes to leaves it."""
    return _RANKED[frame.get("worst", 0)]


def _is_halted(work: Work, frame: dict[str, Any]) -> bool:
    return bool(frame.get("halted")) or "end_as" in work.execution.frame


def _next_in_lane(work: Work, scope: TaskRun | None, frame: dict[str, Any], run: TaskRun) -> bool:
    """Go on in the lane of an ended task run; False when there is nothing to go on with."""
    position = _came_to(frame, run)
    if position is None:
        return True
    if frame["shape"] not in (Shape.CHAIN, Shape.LOOP):
        return False
    if _is_halted(work, frame) or position + 1 >= len(tasks_of(work, scope, run.branch)):
        return False
    if _is_cut_off(work, scope):
        _give_up(frame)
        return False
    work.then("open", _after(work, scope, run, position))
    return True


def _came_to(frame: dict[str, Any], run: TaskRun) -> int | None:
    """How far the lane has come; None while others of a revisited lane have yet to end."""
    revisited = frame.get("revisited", {}).get(str(run.lane))
    if revisited is None:
        return run.position
    revisited[0] -= 1
    if revisited[0] > 0:
        return None
    del frame["revisited"][str(run.lane)]
    return int(revisited[1])


def _after(work: Work, scope: TaskRun | None, run: TaskRun, position: int) -> TaskRun:
    """The next task of the lane, for the same value."""
    task_id = tasks_of(work, scope, run.branch)[position + 1]
    frame = scope.frame if scope is not None else None
    iteration = _iteration_of(frame, run.lane)
    return work.create(task_id, scope, run.branch, run.lane, position + 1, run.value, iteration)


def _iteration_of(frame: Mapping[str, Any] | None, lane: int) -> int | None:
    """Of a task in a lane: the number of its value or of the round."""
    if frame is not None and frame["shape"] == Shape.LOOP:
        return lane
    return frame["rounds"]["done"] - 1 if frame is not None and "rounds" in frame else None


def _is_cut_off(work: Work, scope: TaskRun | None) -> bool:
    """Whether something failed beside a scope where nothing may begin after that."""
    above = work.ancestors(scope) if scope is not None else ()
    frames = (each.frame or {} for each in above)
    return any(frame.get("failed") and frame.get("on_failure") for frame in frames)


def _give_up(frame: dict[str, Any]) -> None:
    """What was left to do will not be done."""
    frame["halted"] = True
    frame["worst"] = max(frame.get("worst", 0), _RANK[State.FAILED])


def open_lanes(work: Work, scope: TaskRun | None) -> None:
    """Open as many lanes as may be open at once; those that were left midway (`pending`) come first."""
    frame = work.frame(scope)
    limit = frame["limit"] or frame["lanes"]
    if frame["open"] < limit and frame["next"] < frame["lanes"] and _is_cut_off(work, scope):
        _give_up(frame)
    while frame["open"] < limit and not _is_halted(work, frame):
        child = _take_pending(work, scope, frame) or _take_new(work, scope, frame)
        if child is None:
            return
        frame["open"] += 1
        work.then("open", child)


def _take_pending(work: Work, scope: TaskRun | None, frame: dict[str, Any]) -> TaskRun | None:
    if not frame.get("pending"):
        return None
    lane, position = frame["pending"].pop(0)
    tasks = tasks_of(work, scope, frame["branch"])
    value = work.item(scope, lane) if frame["shape"] == Shape.LOOP and scope is not None else None
    iteration = _iteration_of(frame, lane)
    return work.create(tasks[position], scope, frame["branch"], lane, position, value, iteration)


def _take_new(work: Work, scope: TaskRun | None, frame: dict[str, Any]) -> TaskRun | None:
    lane = _take_lane(frame)
    return None if lane is None else _first_of_lane(work, scope, frame, lane)


def _take_lane(frame: dict[str, Any]) -> int | None:
    if frame["shape"] == Shape.GRAPH:
        return frame["ready"].pop(0) if frame["ready"] else None
    if frame["next"] >= frame["lanes"]:
        return None
    frame["next"] += 1
    return int(frame["next"]) - 1


def _first_of_lane(work: Work, scope: TaskRun | None, frame: dict[str, Any], lane: int) -> TaskRun:
    tasks = tasks_of(work, scope, frame["branch"])
    shape = frame["shape"]
    if shape in (Shape.FAN, Shape.GRAPH):
        return work.create(tasks[lane], scope, frame["branch"], lane, 0)
    if shape == Shape.CHAIN or scope is None:
        return work.create(tasks[0], scope, frame["branch"], lane, 0, iteration=_iteration_of(frame, lane))
    turn, number = divmod(lane, len(tasks)) if shape == Shape.LOOP_FAN else (lane, 0)
    return work.create(tasks[number], scope, frame["branch"], lane, 0, work.item(scope, turn), turn)


def _count_lanes(work: Work, scope: TaskRun | None, plan: Plan) -> int:
    tasks = tasks_of(work, scope, plan.branch)
    if not tasks:
        return 0
    if plan.shape is Shape.CHAIN:
        return 1
    if plan.shape in (Shape.FAN, Shape.GRAPH):
        return len(tasks)
    return len(plan.values or ()) * (len(tasks) if plan.shape is Shape.LOOP_FAN else 1)


def _ready(work: Work, scope: TaskRun | None, frame: dict[str, Any], lanes: Iterable[int]) -> list[int]:
    """Of these lanes, those that may open now: their dependencies have all ended. Each is named once."""
    assert scope is not None
    waits, done = work.node(scope).waits_for, set(frame["done"])
    ready = [lane for lane in lanes if lane not in frame["opened"] and waits.get(lane, frozenset()) <= done]
    frame["opened"] += ready
    return ready


def _dependents(work: Work, scope: TaskRun | None, lane: int) -> list[int]:
    assert scope is not None
    return [other for other, waits in sorted(work.node(scope).waits_for.items()) if lane in waits]


def _side_ended(work: Work, scope: TaskRun | None, run: TaskRun) -> None:
    """Every task of errors, finally and afterExecution gets its turn, even when one of them fails."""
    frame = work.frame(scope)
    frame[_mark(run.branch)] = False
    goes_on = frame["stage"] != "done" if run.branch == "afterExecution" else "end_as" not in work.execution.frame
    if goes_on:
        run_side(work, scope, run.branch, run.position + 1)


def _mark(branch: str) -> str:
    """What tells in the frame that a task of a side branch runs: of `onPause`, beside those of all others."""
    return "beside" if branch == "onPause" else "side"


def run_side(work: Work, scope: TaskRun | None, branch: str, position: int = 0) -> bool:
    """Create the task of a side branch at this position; False when there is none left."""
    tasks = side_tasks(work, scope, branch)
    if position >= len(tasks):
        return False
    work.frame(scope)[_mark(branch)] = True
    work.then("open", work.create(tasks[position], scope, branch, 0, position))
    return True


def side_tasks(work: Work, scope: TaskRun | None, branch: str) -> tuple[str, ...]:
    tasks = tasks_of(work, scope, branch)
    if branch != "afterExecution":
        return tasks
    chosen = work.execution.frame.get("listeners", ())
    return tasks + tuple(task_id for index in chosen for task_id in work.flow.listeners[index])


def advance(work: Work, scope: TaskRun | None) -> bool:
    """Move a scope through its stages as far as it can go now. True when nothing is left to do in it."""
    frame = work.frame(scope)
    is_halting = "end_as" in work.execution.frame
    if frame["stage"] == "main" and frame.get("failed") and not is_halting:
        frame["stage"] = "errors"
        run_side(work, scope, "errors")
    if frame.get("side") or frame.get("beside") or frame["open"] > 0:
        return False
    if frame["stage"] in ("main", "errors") and not is_halting:
        frame["stage"] = "finally"
        if run_side(work, scope, "finally"):
            return False
    return True
