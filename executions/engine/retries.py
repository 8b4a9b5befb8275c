"""When a failed attempt is tried again."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from executions.engine.records import Execution, TaskRun
from executions.engine.work import Work
from plugins.contracts import Retry, State

LONGEST = timedelta(days=3650)


def next_try(work: Work, run: TaskRun) -> datetime | None:
    """The time of the next attempt under the nearest `retry`, or None when none is left."""
    retry = work.node(run).retry
    if retry is None:
        return None
    tries, began = _so_far(work.execution, run, retry)
    if retry.max_attempts is not None and tries >= retry.max_attempts:
        return None
    due = work.at + delay(retry, tries, random.Random(f"{work.seed}:{run.id}"))
    if retry.max_duration is not None and due > began + retry.max_duration:
        return None
    return due


def _so_far(execution: Execution, run: TaskRun, retry: Retry) -> tuple[int, datetime]:
    """How many tries were made, and since when: of this task run since its last restart, or of the execution."""
    if retry.behavior == "CREATE_NEW_EXECUTION":
        return execution.attempt_number, execution.original_created_date or execution.start_date
    since = (run.frame or {}).get("since", 0)
    tries = [attempt for attempt in run.attempts[since:] if attempt.state is not State.RESUBMITTED]
    return len(tries), tries[0].history[0].date if tries else run.history[0].date


def delay(retry: Retry, tries: int, chance: random.Random) -> timedelta:
    """How long to wait after so many tries. Exponential grows as interval x factor^(tries - 1), up to its maximum."""
    if retry.type == "random":
        low, high = retry.min_interval or timedelta(), retry.max_interval or retry.min_interval or timedelta()
        return low + (high - low) * chance.random()
    interval = retry.interval or timedelta()
    if retry.type == "constant":
        return interval
    most = retry.max_interval or LONGEST
    try:
        grown: timedelta = interval * float(retry.delay_factor ** (tries - 1))
    except OverflowError:
        return most
    return min(grown, most)


def wants_warning(retry: Retry | None, run: TaskRun) -> bool:
    """Whether a success after several tries is only a warning."""
    if retry is None or not retry.warning_on_retry:
        return False
    since = (run.frame or {}).get("since", 0)
    return sum(attempt.state is not State.RESUBMITTED for attempt in run.attempts[since:]) > 1
