"""Task runs that a running task reports of its own work, as of the models of a dbt project.

They have ended when they are told, stand under the task run that told of them, and run no task of the flow: nothing
waits for them, and nothing can be done with one alone. What a new attempt reports replaces what the one before did.
"""

from __future__ import annotations

from collections.abc import Sequence

from executions.engine.records import Attempt, Step, TaskRun
from executions.engine.work import Work
from plugins.contracts import ReportedRun, State

REPORTED = "reported"


def is_reported(run: TaskRun) -> bool:
    return run.branch == REPORTED


def keep(work: Work, parent: TaskRun, reported: Sequence[ReportedRun]) -> None:
    for position, each in enumerate(reported):
        run = work.create(_name_of(work, parent, each), parent, REPORTED, 0, position, each.value)
        run.history = [
            Step(State.CREATED, each.started),
            Step(State.RUNNING, each.started),
            Step(each.state, each.ended),
        ]
        run.state = each.state
        run.attempts = [Attempt(1, list(run.history))]


def forget(work: Work, parent: TaskRun) -> None:
    for run in work.ledger.children(parent.id):
        if is_reported(run):
            work.delete(run)


def _name_of(work: Work, parent: TaskRun, reported: ReportedRun) -> str:
    """Its own, unless a task of the flow has it: expressions must never take one for the other."""
    is_taken = reported.task_id in work.flow.nodes
    return f"{parent.task_id}.{reported.task_id}" if is_taken else reported.task_id
