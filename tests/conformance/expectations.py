"""What a case may expect of an execution, by its name, whoever ran it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from tests.conformance.expected_logs import check_levels, check_logs, check_no_logs, check_texts
from tests.conformance.expected_others import check_ends, check_executions, check_least, check_none
from tests.conformance.expected_runs import (
    check_absent,
    check_all_states,
    check_attempts,
    check_counts,
    check_outputs,
    check_relations,
    check_runs,
    check_states,
    named_run,
)
from tests.conformance.looking import NOTES, TERMINAL, Json, Look, Stage, tree
from tests.conformance.matchers import comparable
from tests.conformance.seen import Seen


def expect(stage: Stage, seen: Seen, wanted: Json, origin: Seen | None = None) -> None:
    """Raises AssertionError with what differs, or with the word that is unknown."""
    for name, value in wanted.items():
        if name in NOTES:
            continue
        check = CHECKS.get(name)
        assert check is not None, f"the expectation {name} is unknown"
        check(Look(stage, seen, origin, expect), value)


def _labels(look: Look, wanted: Any, *, exact: bool = False) -> None:
    """By key; exact ones leave the correlation id out, which every execution has, unless the case names it."""
    if isinstance(wanted, list):
        wanted = {(each["key"] if isinstance(each, Mapping) else each[0]): _value_of(each) for each in wanted}
    found = dict(look.seen.labels)
    if exact and isinstance(wanted, Mapping) and CORRELATION not in wanted:
        found.pop(CORRELATION, None)
    filled = {key: named_run(look, value) for key, value in wanted.items()}
    look.fits(found, filled, "labels", exact=exact)


CORRELATION = "system.correlationId"


def _value_of(label: Any) -> Any:
    return label["value"] if isinstance(label, Mapping) else label[1]


def _storage(look: Look, wanted: Json) -> None:
    for name, content in wanted.items():
        uri = look.stage.matching.fill(name)
        if not uri.startswith("kestra://"):
            value: Any = {"outputs": tree(look.seen), "inputs": look.seen.inputs}
            for key in name.removeprefix("$").split("."):
                value = value[key]
            uri = value
        look.fits(look.stage.matching.content(uri), content, name)


def _same_execution(look: Look, wanted: bool) -> None:
    assert look.origin is not None, "there is no other execution to compare with"
    assert (look.seen.id == look.origin.id) is wanted, f"{look.seen.id} is of {look.origin.id}"


def _history(look: Look, wanted: Any) -> None:
    found = look.seen.history[: len(wanted)] if isinstance(wanted, list) else look.seen.history
    look.fits(found, wanted, "states")


def _duration(look: Look) -> timedelta:
    return look.seen.dates[-1] - look.seen.dates[0]


def _within(look: Look, wanted: Any) -> None:
    assert _duration(look) <= parse_duration(wanted), f"it took {_duration(look)}"


def _at_least(look: Look, wanted: Any) -> None:
    assert _duration(look) >= parse_duration(wanted), f"it took {_duration(look)}"


def _state(look: Look, wanted: Any) -> None:
    if wanted == "TERMINATED":
        assert look.seen.state in TERMINAL, f"state: {look.seen.state}"
        return
    look.fits(look.seen.state, wanted, "state")


def _schedule_date(look: Look, wanted: Any) -> None:
    """A case knows the second in which it was played, no better."""
    assert look.seen.schedule_date is not None, "there is no schedule date"
    moment = look.stage.matching.fill(wanted)
    if isinstance(moment, str):
        far = abs(comparable(look.seen.schedule_date) - comparable(moment))
        assert far <= timedelta(minutes=1), f"schedule date: {look.seen.schedule_date} is not {moment}"


def _labels_prefix(look: Look, wanted: Sequence[Any]) -> None:
    found = [list(label) for label in look.seen.labels[: len(wanted)]]
    look.fits(found, [list(each) for each in wanted], "labels")


def _trigger(look: Look, wanted: Any) -> None:
    look.fits(look.seen.trigger, wanted, "trigger")


def _read(what: str, read: Callable[[Seen], Any], *, exact: bool = False) -> Callable[[Look, Any], None]:
    return lambda look, wanted: look.fits(read(look.seen), wanted, what, exact=exact)


CHECKS: dict[str, Callable[[Look, Any], None]] = {
    "id": _read("id", lambda seen: seen.id),
    "state": _state,
    "namespace": _read("namespace", lambda seen: seen.namespace),
    "flow_id": _read("flow", lambda seen: seen.flow_id),
    "flow_revision": _read("revision", lambda seen: seen.flow_revision),
    "revision": _read("revision", lambda seen: seen.flow_revision),
    "kind": _read("kind", lambda seen: seen.kind),
    "taskrun_count": _read("task runs", lambda seen: len(seen.runs)),
    "failed_taskrun_count": _read("failed", lambda seen: sum(run.state == "FAILED" for run in seen.runs)),
    "taskrun_state_counts": lambda look, wanted: look.fits(
        {state: sum(run.state == state for run in look.seen.runs) for state in wanted}, wanted, "states"
    ),
    "all_taskruns_state": check_all_states,
    "task_states": check_states,
    "task_counts": check_counts,
    "absent_tasks": check_absent,
    "taskruns": check_runs,
    "outputs": check_outputs,
    "outputs_exact": lambda look, wanted: check_outputs(look, wanted, exact=True),
    "outputs_tree": _read("outputs", tree),
    "outputs_tree_exact": _read("outputs", tree, exact=True),
    "flow_outputs": _read("outputs of the flow", lambda seen: seen.outputs or {}),
    "flow_outputs_exact": _read("outputs of the flow", lambda seen: seen.outputs, exact=True),
    "execution_inputs": _read("inputs", lambda seen: seen.inputs or {}),
    "execution_inputs_exact": _read("inputs", lambda seen: seen.inputs or {}, exact=True),
    "inputs": _read("inputs", lambda seen: seen.inputs or {}),
    "inputs_exact": _read("inputs", lambda seen: seen.inputs or {}, exact=True),
    "variables": _read("variables", lambda seen: seen.variables or {}),
    "labels": _labels,
    "labels_exact": lambda look, wanted: _labels(look, wanted, exact=True),
    "labels_prefix": _labels_prefix,
    "labels_count": _read("number of labels", lambda seen: len(seen.labels)),
    "state_history": _history,
    "state_history_exact": _read("states", lambda seen: seen.history),
    "state_history_len": _read("number of states", lambda seen: len(seen.history)),
    "state_history_contains": lambda look, wanted: look.fits(look.seen.history, {"$contains": wanted}, "states"),
    "same_execution_id": _same_execution,
    "parent_id": _read("parent", lambda seen: seen.parent_id),
    "original_id": _read("original", lambda seen: seen.original_id),
    "relations": check_relations,
    "logs": check_logs,
    "no_logs": check_no_logs,
    "log_count": _read("number of lines", lambda seen: len(seen.logs)),
    "log_count_min_level": check_levels,
    "log_count_containing": check_texts,
    "executions": check_executions,
    "executions_of_flow_terminal_states_any_order": check_ends,
    "min_executions": check_least,
    "no_execution_of": check_none,
    "attempts": check_attempts,
    "trigger": _trigger,
    "storage_content": _storage,
    "schedule_date": _schedule_date,
    "within": _within,
    "max_duration": _within,
    "min_duration": _at_least,
    "duration": lambda look, wanted: look.fits(_duration(look), {"$duration_seconds": wanted}, "duration"),
    "duration_seconds": lambda look, wanted: look.fits(_duration(look), {"$duration_seconds": wanted}, "duration"),
}
