"""What a case may expect of the task runs of an execution."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.conformance.looking import NOTES, Json, Look, find
from tests.conformance.matchers import comparable
from tests.conformance.seen import SeenRun


def check_runs(look: Look, wanted: Any) -> None:
    if isinstance(wanted, Mapping):  # by task, or one matcher for the whole list
        if any(key.startswith("$") for key in wanted):
            look.fits([run.task for run in look.seen.runs], wanted, "task runs")
            return
        wanted = [{"task": task, **entry} for task, entry in wanted.items()]
    for entry in wanted:
        _taskrun(look, entry)


def _taskrun(look: Look, entry: Json) -> None:
    run = find(look.seen, entry)
    for name, wanted in entry.items():
        if name in ("index", "taskrun_index", "values", *NOTES):
            continue
        read = OF_A_RUN.get(name)
        assert read is not None, f"the expectation {name} of a task run is unknown"
        answer = read(look, run)
        if name == "history_counts":
            answer = {state: answer.get(state, 0) for state in wanted}
        if name in ("history", "state_history"):
            answer = answer[: len(wanted)] if isinstance(wanted, list) else answer
        if name == "attempts" and isinstance(wanted, list):
            answer, wanted = (
                run.attempt_states,
                [each["state"] if isinstance(each, Mapping) else each for each in wanted],
            )
        if name == "attempts" and wanted == 0:
            answer = len(run.attempts)
        if name in ("parent", "parent_task") and isinstance(wanted, str):
            answer = answer and answer["task"]
        look.fits(answer, wanted, f"{run.task}.{name}", exact=name.endswith("_exact"))


def _parent(look: Look, run: SeenRun) -> dict[str, Any] | None:
    parent = look.seen.run(run.parent_id)
    if parent is None:
        return None
    place = look.seen.runs.index(parent)
    return {"task": parent.task, "task_id": parent.task, "value": parent.value, "id": parent.id, "index": place}


OF_A_RUN: dict[str, Callable[[Look, SeenRun], Any]] = {
    "id": lambda look, run: run.id,
    "task": lambda look, run: run.task,
    "task_id": lambda look, run: run.task,
    "state": lambda look, run: run.state,
    "value": lambda look, run: run.value,
    "iteration": lambda look, run: run.iteration,
    "attempts": lambda look, run: len(run.attempts) or None,
    "attempts_count": lambda look, run: len(run.attempts),
    "attempt_count": lambda look, run: len(run.attempts),
    "attempt_states": lambda look, run: run.attempt_states,
    "outputs": lambda look, run: run.outputs,
    "outputs_exact": lambda look, run: run.outputs,
    "parent": _parent,
    "parent_task": _parent,
    "parent_id": lambda look, run: run.parent_id,
    "parent_index": lambda look, run: (_parent(look, run) or {}).get("index"),
    "history": lambda look, run: run.history,
    "state_history": lambda look, run: run.history,
    "history_len": lambda look, run: len(run.history),
    "state_history_len": lambda look, run: len(run.history),
    "history_counts": lambda look, run: Counter(run.history),
    "same_id": lambda look, run: look.origin is not None and look.origin.run(run.id) is not None,
}


def check_states(look: Look, wanted: Json) -> None:
    for task, states in wanted.items():
        found = [run.state for run in look.runs_of(task)]
        expected = [states] if isinstance(states, str) else states
        if isinstance(expected, list):
            found = found[: len(expected)]
        look.fits(found, expected, f"states of {task}")


def check_counts(look: Look, wanted: Json) -> None:
    for task, count in wanted.items():
        look.fits(len(look.runs_of(task)), count, f"task runs of {task}")


def check_outputs(look: Look, wanted: Json, *, exact: bool = False) -> None:
    for task, outputs in wanted.items():
        look.fits(look.first(task).outputs, outputs, f"outputs of {task}", exact=exact)


def check_attempts(look: Look, wanted: Json) -> None:
    for task, count in wanted.items():
        look.fits(len(look.first(task).attempts), count, f"attempts of {task}")


def check_absent(look: Look, wanted: Sequence[str]) -> None:
    there = [task for task in wanted if look.runs_of(task)]
    assert not there, f"there are task runs of {there}"


def check_all_states(look: Look, wanted: Any) -> None:
    states = {run.state for run in look.seen.runs}
    assert states and all(look.stage.matching.fits(state, wanted) for state in states), f"{states} is not {wanted}"


def check_relations(look: Look, wanted: Sequence[Json]) -> None:
    for relation in wanted:
        left, right = (_side(look, relation[side]) for side in ("left", "right"))
        text = f"{relation.get('prefix', '')}{right}{relation.get('suffix', '')}"
        holds = RELATIONS.get(relation.get("op", "contains"))
        assert holds is not None, f"the relation {relation['op']} is unknown"
        assert holds(left, text), f"{left!r} {relation.get('op', 'contains')} {text!r} does not hold"


def _side(look: Look, side: Any) -> str:
    """A path into a task run's outputs, or a text."""
    if not isinstance(side, Mapping):
        return str(look.stage.matching.fill(side))
    run = find(look.seen, side)
    value: Any = {"id": run.id, "value": run.value, "state": run.state, **run.outputs}
    for key in str(side["path"]).removeprefix("outputs.").split("."):
        value = value[key]
    return str(value)


RELATIONS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda left, right: right in left,
    "not_contains": lambda left, right: right not in left,
    "equals": lambda left, right: left == right,
    "==": lambda left, right: left == right,
    "not_equals": lambda left, right: left != right,
    "!=": lambda left, right: left != right,
    "startswith": lambda left, right: left.startswith(right),
    "endswith": lambda left, right: left.endswith(right),
    "after": lambda left, right: bool(comparable(left) > comparable(right)),
    "gt": lambda left, right: bool(comparable(left) > comparable(right)),
    "lt": lambda left, right: bool(comparable(left) < comparable(right)),
}


def named_run(look: Look, value: Any) -> Any:
    """`$taskrun(task).id` and `$taskrun[0].id`."""
    found = (
        re.fullmatch(r"\$taskrun(\((?P<task>.*)\)|\[(?P<index>-?\d+)\])\.id", value) if isinstance(value, str) else None
    )
    if found is None:
        return value
    entry = {"task": found["task"]} if found["task"] else {"index": int(found["index"])}
    return find(look.seen, entry).id
