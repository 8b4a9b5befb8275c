"""Functions about the running execution: what other tasks gave, logged and became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.expressions import access
from flows.expressions.errors import ArgumentError, EvaluationError
from flows.expressions.filters.arguments import text_argument, whole_number
from flows.expressions.frame import MISSING, Frame
from flows.expressions.registry import Needs, Taint, function


@function("errorLogs", taint=Taint.EXACT, needs=Needs.SERVICES)
def error_logs(frame: Frame) -> list[Any]:
    """The errors that this execution has logged."""
    return frame.env.services.error_logs()


@function("tasksWithState", taint=Taint.EXACT, needs=Needs.SERVICES)
def tasks_with_state(frame: Frame, state: Any) -> list[Any]:
    """The task runs that are in a state."""
    return frame.env.services.tasks_with_state(text_argument("state", state).upper())


def _variable(frame: Frame, name: str, kind: type) -> Any:
    """A variable of that kind, or an empty one; a map may be any mapping, as the scope of a job is."""
    found = frame.lookup(name)
    expected = Mapping if kind is dict else kind
    return found if found is not MISSING and isinstance(found, expected) else kind()


@function("currentEachOutput", taint=Taint.PASSES, touches=("parents", "taskrun.value"))
def current_each_output(frame: Frame, outputs: Any) -> Any:
    """What a sibling task gave in the iteration that is running."""
    if not isinstance(outputs, Mapping):
        raise ArgumentError("The argument `outputs` must be the outputs of a task")
    parents = [_taskrun_value(each) for each in reversed(_variable(frame, "parents", list))]
    own = _variable(frame, "taskrun", dict).get("value")
    found: Any = outputs
    for value in (*parents, own):
        if value is not None:
            found = access.item(found, value)
            if found is MISSING:
                raise EvaluationError("There is no output for the iteration that is running")
    return found


def _taskrun_value(parent: Any) -> Any:
    run = parent.get("taskrun") if isinstance(parent, Mapping) else None
    return run.get("value") if isinstance(run, Mapping) else None


@function("loopOutputs", taint=Taint.PASSES)
def loop_outputs(frame: Frame, outputs: Any, name: Any = None) -> list[Any]:
    """One output of every turn of a loop, in the order of its `outputs`; null where a turn did not give it."""
    if name is None:
        raise ArgumentError("The 'loopOutputs' function expects a non-null argument 'name'.")
    if not isinstance(outputs, list | tuple):
        raise ArgumentError("The 'loopOutputs' function expects the outputs of a loop as its argument 'outputs'.")
    given = (turn.get("outputs") if isinstance(turn, Mapping) else None for turn in outputs)
    return [each.get(str(name)) if isinstance(each, Mapping) else None for each in given]


@function("iterationOutput", taint=Taint.PASSES, touches=("outputs", "task.id", "taskrun.iteration"))
def iteration_output(frame: Frame, task_id: Any = None, iteration: Any = None) -> Any:
    """What a task gave in one iteration: of the running task, in the iteration before, unless told otherwise."""
    outputs = task_id
    if not isinstance(outputs, Mapping):
        name = task_id if task_id is not None else _variable(frame, "task", dict).get("id")
        outputs = access.item(_variable(frame, "outputs", dict), name)
    wanted = iteration if iteration is not None else _iteration(frame) - 1
    found = access.item(outputs, whole_number("iteration", wanted)) if isinstance(outputs, Mapping) else MISSING
    if found is MISSING:
        raise EvaluationError(f"There is no output for the iteration {wanted}")
    return found


def _iteration(frame: Frame) -> int:
    found = _variable(frame, "taskrun", dict).get("iteration")
    if not isinstance(found, int):
        raise EvaluationError("`iterationOutput` needs the number of an iteration: the task is not in a loop")
    return found


@function("parentOutput", taint=Taint.PASSES, touches=("parents",))
def parent_output(frame: Frame, index: Any = 0) -> Any:
    """What a parent task gave: the nearest one, or so many levels further up."""
    parents = _variable(frame, "parents", list)
    at = whole_number("index", index)
    if not 0 <= at < len(parents):
        raise EvaluationError(f"There is no parent task at level {at}")
    return parents[at].get("outputs") if isinstance(parents[at], Mapping) else None
