"""How a task run ends: what failure is allowed, what is tried again, and who is told."""

from __future__ import annotations

from datetime import datetime

from executions.engine import retries
from executions.engine.decisions import NewExecution, Timer
from executions.engine.records import TaskRun
from executions.engine.work import Work
from plugins.contracts import LogLevel, State, Task


def finish(work: Work, run: TaskRun, state: State) -> None:
    """Bring a task run to its end and tell its scope. `allowFailure` and `allowWarning` are applied here."""
    run.waits_for = None
    work.move(run, allowed(work.node(run).task, state))
    work.then("ended", run)


def fail(work: Work, run: TaskRun, reason: str) -> None:
    """End in FAILED, or what that is allowed to be, saying why in the log."""
    work.log(LogLevel.ERROR, reason, run)
    finish(work, run, State.FAILED)


def fail_or_retry(work: Work, run: TaskRun, *, is_retryable: bool = True) -> None:
    """The last attempt failed: try again if the nearest `retry` says so."""
    due = retries.next_try(work, run) if is_retryable and "end_as" not in work.execution.frame else None
    retry = work.node(run).retry
    if due is None or retry is None:
        finish(work, run, State.FAILED)
    elif retry.behavior == "CREATE_NEW_EXECUTION":
        _try_anew(work, run, due)
    else:
        _try_again(work, run, due)


def _try_again(work: Work, run: TaskRun, due: datetime) -> None:
    """The failure is told before the wait: by the execution too when nothing stands around the task."""
    run.enter(State.FAILED, work.at)
    run.enter(State.RETRYING, work.at)
    work.touch(run)
    if run.parent_id is None and work.execution.state is State.RUNNING:
        work.execution.enter(State.FAILED, work.at)
        work.execution.enter(State.RETRYING, work.at)
    run.waits_for = f"retry:{due.isoformat()}"
    work.frame(None)["retrying"] = work.execution.frame.get("retrying", 0) + 1
    work.decisions.timers.append(Timer(retry_key(run), due))


def retry_key(run: TaskRun) -> str:
    return f"retry:{run.id}:{len(run.attempts)}"


def _try_anew(work: Work, run: TaskRun, due: datetime) -> None:
    """This execution ends RETRIED with all that still runs in it, and another one takes its place at that time."""
    run.waits_for = None
    run.enter(State.FAILED, work.at)
    work.move(run, State.RETRIED)
    work.decisions.retry_execution = NewExecution(due, work.execution.attempt_number + 1)
    work.then("halt_retried", None)
    work.then("ended", run)


def allowed(task: Task, state: State) -> State:
    """What a failure or a warning counts as, once no try is left."""
    if state is State.FAILED and task.allow_failure:
        state = State.WARNING
    return State.SUCCESS if state is State.WARNING and task.allow_warning else state
