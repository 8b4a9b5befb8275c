"""What workers tell of attempts: started, ended, lost.

A WorkingDirectory is one job. Its tasks appear as task runs while it runs: the first is created when the job starts,
each next one when the one before it ended, under ids both sides know beforehand (`job_child_id`). The worker reports
their starts and ends under the job's own lease, `attempt` 1 each, and SKIPPED for one whose `runIf` did not hold.
"""

from __future__ import annotations

from hashlib import blake2b

from control_plane.kernel.words.ids import ID_LENGTH, base62
from executions.engine import ending, lanes, message_size, reported, retries, starting
from executions.engine.compiled import Kind
from executions.engine.events import JobEnded, JobLost, JobStarted
from executions.engine.records import Attempt, Step, TaskRun
from executions.engine.variables import change_variables
from executions.engine.work import Work
from plugins.contracts import LogLevel, State

_STARTABLE = frozenset({State.CREATED, State.RESTARTED})
_ENDS = frozenset({State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.SKIPPED, State.CANCELLED})


def job_child_id(task_run_id: str, attempt: int, position: int) -> str:
    """The id of the task run of one task inside a WorkingDirectory's job."""
    digest = blake2b(f"{task_run_id}:{attempt}:{position}".encode(), digest_size=16).digest()
    return base62(int.from_bytes(digest), ID_LENGTH)


def started(work: Work, run: TaskRun, event: JobStarted) -> str | None:
    reason = _not_startable(work, run, event.attempt)
    if reason is None:
        _start(work, run, event.worker_id)
    return reason


def _not_startable(work: Work, run: TaskRun, attempt: int) -> str | None:
    if run.state not in _STARTABLE or (run.waits_for != "worker" and not work.node(run).is_inside_job):
        return f"the task run is {run.state} and waits for no worker"
    if attempt != len(run.attempts) + 1:
        return f"attempt {attempt} is not the next one"
    return None


def _start(work: Work, run: TaskRun, worker_id: str | None) -> None:
    if run.attempts:
        reported.forget(work, run)
    run.attempts.append(
        Attempt(len(run.attempts) + 1, [Step(State.CREATED, work.at), Step(State.RUNNING, work.at)], worker_id)
    )
    run.waits_for = None
    work.move(run, State.RUNNING)
    if work.node(run).kind is Kind.DIRECTORY:
        work.frame(run).update(stage="main", branch="tasks", shape="one_job", lanes=1, next=1, open=1, limit=0)
        _create_job_child(work, run, 0)


def _create_job_child(work: Work, directory: TaskRun, position: int) -> None:
    tasks = lanes.tasks_of(work, directory, "tasks")
    if position < len(tasks):
        child_id = job_child_id(directory.id, len(directory.attempts), position)
        work.create(tasks[position], directory, "tasks", 0, position, task_run_id=child_id)


def ended(work: Work, run: TaskRun, event: JobEnded) -> str | None:
    if _not_startable(work, run, event.attempt) is None:
        if event.state is State.SKIPPED:
            starting.skip(work, run)
            return None
        _start(work, run, None)
    if run.state is not State.RUNNING or event.attempt != len(run.attempts) or run.attempts[-1].state.is_terminal:
        return f"attempt {event.attempt} is not running"
    if event.state not in _ENDS:
        return f"{event.state} is no end of an attempt"
    event = change_variables(work, event)
    _record_end(work, run, event)
    if work.node(run).kind is Kind.DIRECTORY:
        _directory_ended(work, run, event.state)
    else:
        _conclude(work, run, event)
    return None


def _record_end(work: Work, run: TaskRun, event: JobEnded) -> None:
    is_refused = event.state is State.FAILED and work.node(run).task.CHANGES_EXECUTION
    if is_refused:
        _take_back(run)
    run.attempts[-1].history.append(Step(event.state, work.at))
    run.attempts[-1].error = event.error
    run.attempts[-1].log_file = event.log_file
    if event.outputs:
        message_size.count(work, run, event.outputs)
        run.outputs = dict(event.outputs)
    work.touch(run)
    reported.keep(work, run, event.task_runs)
    if event.error and is_refused:
        work.log(LogLevel.ERROR, event.error)
        work.log(LogLevel.ERROR, f"Failed to process task: {event.error}", run)
    elif event.error and event.state is State.FAILED:
        work.log(LogLevel.ERROR, event.error, run)
    if event.labels:
        work.execution.labels.update(event.labels)
        work.decisions.execution_changed = True


def _take_back(run: TaskRun) -> None:
    """A change of the execution that was refused was never made: nothing ran."""
    if run.history[-1].state is State.RUNNING:
        run.history.pop()
        run.state = run.history[-1].state
    run.attempts[-1].history.clear()


def _conclude(work: Work, run: TaskRun, event: JobEnded) -> None:
    node = work.node(run)
    if event.state is State.FAILED and not node.is_inside_job:
        ending.fail_or_retry(work, run, is_retryable=event.is_retryable)
    elif event.state is State.SUCCESS and retries.wants_warning(node.retry, run):
        ending.finish(work, run, State.WARNING)
    else:
        ending.finish(work, run, event.state)


def child_of_job_ended(work: Work, run: TaskRun) -> None:
    """A task inside a WorkingDirectory has ended: the next one appears, unless this one stops the directory."""
    directory = work.parent(run)
    assert directory is not None
    lanes.remember(work.frame(directory), run.state)
    if run.state not in (State.FAILED, State.KILLED) and "end_as" not in work.execution.frame:
        _create_job_child(work, directory, run.position + 1)


def _directory_ended(work: Work, run: TaskRun, state: State) -> None:
    """The job is over: what its tasks left undone ends with it, then `errors` and `finally` have their turn."""
    for child in work.unfinished(run):
        if child.branch == "tasks":
            _close_job_child(work, child, state)
    frame = work.frame(run)
    lanes.remember(frame, state)
    frame["open"] = 0
    work.then("advance", run)


def _close_job_child(work: Work, child: TaskRun, state: State) -> None:
    if not child.attempts and state is not State.KILLED:
        work.delete(child)
        return
    if child.attempts and not child.attempts[-1].state.is_terminal:
        child.attempts[-1].history.append(Step(State.KILLED, work.at))
    child.waits_for = None
    work.move(child, State.KILLED)


def lost(work: Work, run: TaskRun, event: JobLost) -> str | None:
    """A lost attempt spends no retry; a drained one counts for nothing."""
    is_running = run.state is State.RUNNING and event.attempt == len(run.attempts)
    if is_running and not run.attempts[-1].state.is_terminal:
        _lose(work, run, event)
        return None
    if _not_startable(work, run, event.attempt) is None and not work.node(run).is_inside_job:
        starting.order_job(work, run)
        return None
    return f"attempt {event.attempt} is not running"


def _lose(work: Work, run: TaskRun, event: JobLost) -> None:
    run.attempts[-1].history.append(Step(State.RESUBMITTED, work.at))
    for child in work.unfinished(run):
        work.delete(child)
    if work.node(run).kind is Kind.DIRECTORY:
        _forget_children(work, run)
    if "end_as" in work.execution.frame:
        ending.finish(work, run, State.KILLED)
    elif not event.is_drained and _count_loss(work, run) >= work.flow.max_losses:
        reason = f"worker lost {work.flow.max_losses} times"
        run.attempts[-1].error = reason
        _give_up(work, run, reason)
    else:
        work.move(run, State.CREATED)
        starting.order_job(work, run)


def _give_up(work: Work, run: TaskRun, reason: str) -> None:
    if work.node(run).kind is not Kind.DIRECTORY:
        ending.fail(work, run, reason)
        return
    work.log(LogLevel.ERROR, reason, run)
    _directory_ended(work, run, State.FAILED)


def _forget_children(work: Work, run: TaskRun) -> None:
    for child in work.ledger.children(run.id):
        if child.branch == "tasks":
            work.delete(child)
    frame = work.frame(run)
    for key in ("worst", "failed", "halted"):
        frame.pop(key, None)


def _count_loss(work: Work, run: TaskRun) -> int:
    frame = work.frame(run)
    frame["losses"] = frame.get("losses", 0) + 1
    return int(frame["losses"])
