"""How a task run begins: held while the execution is paused, stopped at breakpoints, judged by runIf, then launched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from executions.engine import children, exiting, holding, lanes, loops, pausing, rounds
from executions.engine.compiled import Kind
from executions.engine.decisions import JobOrder
from executions.engine.ending import fail, finish
from executions.engine.records import Attempt, Step, TaskRun
from executions.engine.rendering import RenderFailure, values_or_wait
from executions.engine.work import Work
from plugins.contracts import LogLevel, PluginError, State, Task
from plugins.contracts.plans import FlowableTask, Plan, Shape, as_duration
from plugins.contracts.truth import is_true
from plugins.contracts.worker_selectors import WantedWorkers, wanted_workers


def open_run(work: Work, run: TaskRun) -> None:
    """Begin a task run as far as it may begin now."""
    if run.state.is_terminal:
        return
    if "end_as" in work.execution.frame:
        finish(work, run, State.KILLED)
    elif holding.is_paused(work) and not work.execution.state.is_terminal and run.branch != "onPause":
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
        values = values_or_wait(work, run, node.gate, key=f"gate:{run.id}", waits_for="gate")
    except RenderFailure as failure:
        fail(work, run, gate_failure(run, str(failure)))
        return
    if values is not None:
        pass_gate(work, run, values)


def gate_failure(run: TaskRun, reason: str) -> str:
    return f"Failed to evaluate the runIf condition for task {run.task_id}. Cause: {reason}"


def pass_gate(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    if is_true(values.get("runIf", True)) and not is_true(values.get("disabled", False)):
        if "timeout" in values and not _take_timeout(work, run, values["timeout"]):
            return
        if "workers" in values:
            work.frame(run)["workers"] = values["workers"]
        launch(work, run)
    else:
        skip(work, run)


def _take_timeout(work: Work, run: TaskRun, rendered_timeout: Any) -> bool:
    """Keep it for every attempt; False when it is none, which fails the task run."""
    try:
        timeout = as_duration(rendered_timeout)
    except PluginError as error:
        fail(work, run, f"timeout: {error}")
        return False
    work.frame(run)["timeout"] = timeout.total_seconds() if timeout is not None else None
    return True


def skip(work: Work, run: TaskRun) -> None:
    """It is not to run: the one attempt it has tells so."""
    steps = [Step(State.CREATED, work.at), Step(State.SKIPPED, work.at)]
    run.attempts.append(Attempt(len(run.attempts) + 1, steps))
    finish(work, run, State.SKIPPED)


def launch(work: Work, run: TaskRun) -> None:
    _wait(work, run, None)
    kind = work.node(run).kind
    if kind is Kind.CHILD:
        children.begin(work, run)
    elif kind is Kind.TURNS:
        loops.begin(work, run)
    elif kind is Kind.ENDING:
        exiting.begin(work, run)
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
            workers=_workers(work, run),
            timeout=_timeout(task, run),
        )
    )


def _workers(work: Work, run: TaskRun) -> WantedWorkers | None:
    """As rendered before the first attempt, where an expression says it."""
    said = (run.frame or {}).get("workers")
    return wanted_workers(said.get("group"), said.get("selector")) if said is not None else work.node(run).workers


def _timeout(task: Task, run: TaskRun) -> timedelta | None:
    if task.timeout is None:
        return None
    if task.timeout.misfit is not None:
        return None  # the worker that reads it fails the task
    if not task.timeout.is_dynamic:
        return task.timeout.convert(task.timeout.source)
    seconds = (run.frame or {}).get("timeout")
    return timedelta(seconds=seconds) if seconds is not None else None


def _plan(work: Work, run: TaskRun) -> None:
    try:
        values = values_or_wait(work, run, work.node(run).control, key=f"plan:{run.id}", waits_for="plan")
    except RenderFailure as failure:
        fail(work, run, str(failure))
        return
    if values is not None:
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
        fail(work, run, f"Failed to process flowable task {run.id}: {error}")
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
    if plan.is_dead_end:
        _dead_end(work, run)
        return
    if plan.rounds is not None:
        rounds.begin(work, run, plan.rounds)
    if plan.rest is not None:
        pausing.rest(work, run, plan)
    else:
        lanes.begin(work, run, plan)


def _dead_end(work: Work, run: TaskRun) -> None:
    record = work.execution
    place = f"flow '{record.namespace}.{record.flow_id}', task '{run.task_id}', execution '{record.id}'"
    work.log(LogLevel.WARN, f"No task found on {place}", run)
    finish(work, run, State.FAILED)
