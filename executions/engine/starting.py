"""How a task run begins: held while the execution is paused, stopped at breakpoints, judged by runIf, then launched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from executions.engine import children, lanes, loops, pausing
from executions.engine.compiled import Kind
from executions.engine.decisions import JobOrder
from executions.engine.ending import fail, finish
from executions.engine.records import TaskRun
from executions.engine.rendering import RenderFailure, order, rendered, worker_group
from executions.engine.work import Work
from plugins.contracts import PluginError, State, Task
from plugins.contracts.loop_values import is_true
from plugins.contracts.plans import FlowableTask, Plan, Shape


def open_run(work: Work, run: TaskRun) -> None:
    """Begin a task run as far as it may begin now."""
    if run.state.is_terminal:
        return
    if "end_as" in work.execution.frame and run.branch != "afterExecution":
        finish(work, run, State.KILLED)
    elif pausing.is_paused(work) and not work.execution.state.is_terminal:
        _wait(work, run, "resume")
    elif _is_breakpoint(work, run):
        pausing.stop_at_breakpoint(work, run)
    else:
        check_run_if(work, run)


def _is_breakpoint(work: Work, run: TaskRun) -> bool:
    """A breakpoint is the id of a task, or `id.value` for one value of a loop."""
    points = work.execution.breakpoints
    return bool(points) and (run.task_id in points or f"{run.task_id}.{run.value}" in points)


def _wait(work: Work, run: TaskRun, reason: str | None) -> None:
    run.waits_for = reason
    work.touch(run)


def check_run_if(work: Work, run: TaskRun) -> None:
    node = work.node(run)
    if not node.gate.expressions:
        launch(work, run)
        return
    try:
        values = rendered(work, node.gate, run)
    except RenderFailure as failure:
        fail(work, run, str(failure))
        return
    if values is None:
        order(work, f"gate:{run.id}", node.gate, run)
        _wait(work, run, "gate")
    else:
        pass_gate(work, run, values)


def pass_gate(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    if is_true(values.get("runIf", True)) and not is_true(values.get("disabled", False)):
        launch(work, run)
    else:
        finish(work, run, State.SKIPPED)


def launch(work: Work, run: TaskRun) -> None:
    _wait(work, run, None)
    kind = work.node(run).kind
    if kind is Kind.CHILD:
        children.begin(work, run)
    elif kind is Kind.TURNS:
        loops.begin(work, run)
    elif kind is Kind.FLOWABLE:
        _plan(work, run)
    elif not work.node(run).is_inside_job:
        order_job(work, run)


def order_job(work: Work, run: TaskRun) -> None:
    """Let a worker run the next attempt."""
    task = work.node(run).task
    _wait(work, run, "worker")
    work.decisions.jobs.append(
        JobOrder(
            task_run_id=run.id,
            task_id=run.task_id,
            attempt=len(run.attempts) + 1,
            due_at=work.at,
            worker_group=worker_group(task.worker_group or work.flow.flow.worker_group),
            timeout=_fixed_timeout(task),
        )
    )


def _fixed_timeout(task: Task) -> timedelta | None:
    """A timeout that is an expression is the worker's to render and keep."""
    return None if task.timeout is None or task.timeout.is_dynamic else task.timeout.convert(task.timeout.source)


def _plan(work: Work, run: TaskRun) -> None:
    node = work.node(run)
    try:
        values = rendered(work, node.control, run)
    except RenderFailure as failure:
        fail(work, run, str(failure))
        return
    if values is None:
        order(work, f"plan:{run.id}", node.control, run)
        _wait(work, run, "plan")
    else:
        follow_plan(work, run, values)


def follow_plan(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    """Ask the flowable what runs, and begin it. The flowable's own code may refuse its values."""
    task = work.node(run).task
    assert isinstance(task, FlowableTask)
    _wait(work, run, None)
    work.move(run, State.RUNNING)  # a replayed one already is
    try:
        plan = task.plan(values)
    except PluginError as error:
        fail(work, run, str(error))
        return
    except Exception as error:
        fail(work, run, f"{task.type} could not plan: {error}")
        return
    _apply(work, run, plan)


def _apply(work: Work, run: TaskRun, plan: Plan) -> None:
    if plan.outputs is not None:
        run.outputs = dict(plan.outputs)
    if plan.shape in (Shape.LOOP, Shape.LOOP_FAN):
        run.items = list(plan.values or ())
    if plan.rounds is not None:
        rounds = plan.rounds
        work.frame(run)["rounds"] = {
            "interval": rounds.interval.total_seconds(),
            "most": rounds.max_iterations,
            "until": (work.at + rounds.max_duration).isoformat() if rounds.max_duration is not None else None,
            "fails": rounds.fails_when_reached,
            "done": 1,
        }
        run.iteration = 1
    if plan.rest is not None:
        pausing.rest(work, run, plan)
    else:
        lanes.begin(work, run, plan)
