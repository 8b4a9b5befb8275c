"""What a task run that does not run is waiting for, in words."""

from __future__ import annotations

from executions.engine.compiled import CompiledFlow, Kind
from executions.engine.ledger import Ledger
from executions.engine.records import TaskRun
from plugins.contracts import State
from plugins.contracts.worker_selectors import WantedWorkers

_ENDED = {
    State.SUCCESS: "has ended well",
    State.WARNING: "has ended with a warning",
    State.FAILED: "has failed",
    State.KILLED: "was killed",
    State.CANCELLED: "was cancelled",
    State.SKIPPED: "was skipped: its `runIf` did not hold, or it is disabled",
    State.RETRIED: "was given up for a new execution",
}
_WAITS = {
    "worker": "waits for a worker{group}",
    "resume": "waits until the execution is resumed",
    "breakpoint": "waits at a breakpoint",
    "gate": "waits for a worker to evaluate `runIf`",
    "plan": "waits for a worker to evaluate its expressions",
    "round": "waits for a worker to evaluate its condition",
    "items": "waits for a worker to read its items",
    "child": "waits for the execution it started",
}


def why(
    flow: CompiledFlow, ledger: Ledger, task_run: TaskRun | None = None, *, queued_behind: int | None = None
) -> str:
    """Say what a task run waits for, or the execution itself when none is given.

    `queued_behind`: how many executions of the flow run, which only the caller can know.
    """
    if task_run is None:
        return _why_execution(ledger, queued_behind)
    if task_run.state is State.RUNNING and task_run.waits_for is None:
        return _why_running(flow, ledger, task_run)
    if task_run.state.is_terminal:
        return _ENDED[task_run.state]
    return _waiting(flow, task_run)


def why_not_begun(flow: CompiledFlow, ledger: Ledger, task_id: str) -> str:
    """Say what a task waits for that has no task run yet."""
    node = flow.nodes[task_id]
    if node.branch == "errors":
        return "runs only when something fails"
    if node.branch == "finally":
        return "runs when everything before it has ended"
    if node.branch == "afterExecution":
        return "runs when the execution has ended"
    siblings = flow.branches[node.branch] if node.parent is None else flow.nodes[node.parent].branches[node.branch]
    lanes = node.parent and flow.nodes[node.parent].waits_for.get(node.position)
    if lanes:
        return "waits for " + " and ".join(f"`{siblings[lane]}`" for lane in sorted(lanes)) + " to end"
    if node.position:
        return f"waits for `{siblings[node.position - 1]}` to end"
    return f"waits for `{node.parent}` to begin" if node.parent is not None else _why_execution(ledger, None)


def _why_execution(ledger: Ledger, queued_behind: int | None) -> str:
    execution = ledger.execution
    if execution.state is State.QUEUED:
        many = "the executions" if queued_behind is None else f"{queued_behind} executions"
        return f"queued behind {many} of the flow"
    if execution.state is State.CREATED:
        date = execution.schedule_date
        return f"begins at {date.isoformat()}" if date is not None else "waits to be taken up"
    names = [f"`{run.task_id}`" for run in ledger.unfinished(None)]
    return "waits for " + " and ".join(names) + " to end" if names else f"is {execution.state}"


def _waiting(flow: CompiledFlow, run: TaskRun) -> str:
    reason, _, date = (run.waits_for or "").partition(":")
    if reason == "retry":
        return f"waits for its retry at {date}"
    if reason == "round" and date:
        return f"waits for its next round at {date}"
    place = _place(flow.nodes[run.task_id].workers)
    return _WAITS.get(reason, f"is {run.state}").format(group=place)


def _place(workers: WantedWorkers | None) -> str:
    if workers is None:
        return ""
    if workers.key:
        return f" of group `{workers.key}`"
    word = " or " if workers.matches_any else " and "
    return " with " + word.join(f"`{tag}`" for tag in workers.tags)


def _why_running(flow: CompiledFlow, ledger: Ledger, run: TaskRun) -> str:
    if flow.nodes[run.task_id].kind is not Kind.FLOWABLE:
        return "is running"
    names = [f"`{child.task_id}`" for child in ledger.unfinished(run.id)]
    return "waits for " + " and ".join(names) + " to end" if names else "is running"
