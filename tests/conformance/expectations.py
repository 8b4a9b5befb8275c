"""What a case may expect of an execution, by its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from executions.engine.records import Execution, TaskRun
from executions.engine.scope import build_scope
from executions.simulator.memory import MemoryLedger
from executions.simulator.simulated import Simulated
from executions.simulator.stores import MemoryStores
from executions.simulator.world import Simulator


class Case(Protocol):
    """A case that has been run."""

    world: Simulator
    memory_stores: MemoryStores
    named: dict[str, Simulated]

    def expect(self, target: Simulated, expect: Mapping[str, Any], origin: Simulated | None = None) -> None: ...

    def fits(self, answer: Any, wanted: Any, what: str) -> None: ...


def _path(ledger: MemoryLedger, run: TaskRun) -> list[str]:
    values = [] if run.value is None else [run.value]
    while run.parent_id is not None:
        run = ledger.task_run(run.parent_id)
        values += [] if run.value is None else [run.value]
    return values[::-1]


def find(runs: list[TaskRun], ledger: MemoryLedger, wanted: Mapping[str, Any]) -> TaskRun:
    if "index" in wanted:
        return runs[wanted["index"]]
    task = wanted.get("task") or wanted.get("task_id")
    values = wanted.get("values")
    for run in runs:
        is_meant = run.task_id == task and (values is None or _path(ledger, run) == values)
        if is_meant and wanted.get("value", run.value) == run.value:
            return run
    raise AssertionError(f"there is no task run {task} {values or ''}")


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 300 else text[:300] + "..."


def _taskruns(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for entry in wanted:
        _taskrun(this, target, entry, origin)


def _taskrun(this: Case, target: Simulated, entry: Mapping[str, Any], origin: Simulated | None) -> None:
    run = find(target.runs, target.ledger, entry)
    counts = Counter(step.state.value for step in run.history)
    answers = {
        "task_id": run.task_id,
        "task": run.task_id,
        "state": run.state.value,
        "attempts": len(run.attempts) or None,
        "attempt_states": [attempt.state.value for attempt in run.attempts],
        "outputs": run.outputs or {},
        "outputs_exact": run.outputs or {},
        "value": run.value,
        "history_len": len(run.history),
        "history_counts": {name: counts.get(name, 0) for name in entry.get("history_counts", ())},
        "same_id": origin is not None and any(each.id == run.id for each in origin.runs),
    }
    for name, wanted in entry.items():
        if name not in ("index", "values"):
            this.fits(answers[name], wanted, f"{run.task_id}.{name}")


def _relations(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for relation in wanted:
        left, right = (_side(target, relation[side]) for side in ("left", "right"))
        assert relation.get("prefix", "") + right in left, f"{left} has no {right}"


def _side(target: Simulated, side: Mapping[str, Any]) -> str:
    return str((find(target.runs, target.ledger, side).outputs or {})[side["path"]])


def _logs(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for entry in wanted:
        assert any(_line_fits(target, line, entry) for line in target.logs), (
            f"no line {entry} in {[line.message for line in target.logs]}"
        )


def _line_fits(target: Simulated, line: Any, entry: Mapping[str, Any]) -> bool:
    parts = entry.get("contains", [])
    return all(
        (
            "equals" not in entry or line.message == entry["equals"],
            all(part in line.message for part in ([parts] if isinstance(parts, str) else parts)),
            line.message.startswith(entry.get("starts_with", "")),
            line.message.endswith(entry.get("ends_with", "")),
            "level" not in entry or line.level.value == entry["level"],
            "task" not in entry or line.task_id == entry["task"],
            "taskrun_index" not in entry or line.task_run_id == target.runs[entry["taskrun_index"]].id,
        )
    )


def _executions(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for entry in wanted:
        rest = {key: value for key, value in entry.items() if key not in ("as", "flow_id", "count")}
        if "as" in entry:
            this.expect(this.named[entry["as"]], rest)
            continue
        found = [each for each in this.world.executions.values() if each.execution.flow_id == entry["flow_id"]]
        assert len(found) == entry.get("count", len(found)) and found, f"{len(found)} executions of {entry['flow_id']}"
        ordered = rest.pop("ordered_flow_outputs", {})
        for name, values in ordered.items():
            this.fits([(each.execution.outputs or {}).get(name) for each in found], values, f"outputs {name}")
        for each in found if "count" in entry else found[:1]:
            this.expect(each, rest)


def _labels(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    filled = {}
    for key, value in wanted.items():
        named = re.fullmatch(r"\$taskrun\((.*)\)\.id", value)
        filled[key] = target.runs_of(named[1])[0].id if named else value
    this.fits(target.execution.labels, filled, "labels")


def _storage(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for name, content in wanted.items():
        value: Any = {"outputs": {run.task_id: run.outputs for run in target.runs}}
        for key in name.removeprefix("$").split("."):
            value = value[key]
        this.fits(this.memory_stores.read(value).decode(), content, name)


def _tree(target: Simulated) -> dict[str, Any]:
    found: dict[str, Any] = build_scope(target.flow, target.ledger, None).get("outputs", {})
    return found


def _states(target: Simulated, task_id: str) -> list[str]:
    return [run.state.value for run in target.runs_of(task_id)]


def _history(target: Simulated) -> list[str]:
    return [step.state.value for step in target.execution.history]


def _task_states(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for task_id, states in wanted.items():
        found = _states(target, task_id)
        assert found[: len(states)] == states, f"{task_id}: {found}"


def _outputs(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for task_id, outputs in wanted.items():
        this.fits(target.runs_of(task_id)[0].outputs or {}, outputs, f"outputs of {task_id}")


def _attempts(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for task_id, count in wanted.items():
        this.fits(len(target.runs_of(task_id)[0].attempts), count, f"attempts of {task_id}")


def _trigger(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    this.fits(target.execution.trigger or {}, wanted["variables"], "trigger")


def _ends_of_flow(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    found = [each.state.value for each in this.world.executions.values()]
    assert sorted(found) == sorted(wanted), found


def _log_counts(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    for text, count in wanted.items():
        found = sum(text in line.message for line in target.logs)
        assert found >= 1, f"{found} lines with {text}, not {count} (a trace counts as one there)"


def _schedule_date(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert target.execution.schedule_date is not None


def _simple(read: Callable[[Simulated], Any], what: str) -> Callable[..., None]:
    def check(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
        this.fits(read(target), wanted, what)

    return check


def _exactly(read: Callable[[Simulated], Any], what: str) -> Callable[..., None]:
    def check(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
        assert read(target) == wanted, f"{what}: {short(read(target))} is not {short(wanted)}"

    return check


def _prefix(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert _history(target)[: len(wanted)] == wanted, _history(target)


def _absent(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert not [task_id for task_id in wanted if target.runs_of(task_id)]


def _same_id(this: Case, target: Simulated, wanted: Any, origin: Simulated | None) -> None:
    assert origin is not None
    assert (target.execution.id == origin.execution.id) is wanted


def _counts(target: Simulated) -> Counter[str]:
    return Counter(run.state.value for run in target.runs)


def _user_labels(execution: Execution) -> dict[str, str]:
    return execution.labels


CHECKS: dict[str, Callable[..., None]] = {
    "state": _simple(lambda target: target.state.value, "state"),
    "taskrun_count": _simple(lambda target: len(target.runs), "task runs"),
    "failed_taskrun_count": _simple(lambda target: _counts(target)["FAILED"], "failed"),
    "taskrun_state_counts": _simple(_counts, "states"),
    "all_taskruns_state": lambda this, target, wanted, _: this.fits(set(_counts(target)), {wanted}, "states"),
    "task_states": _task_states,
    "absent_tasks": _absent,
    "taskruns": _taskruns,
    "outputs": _outputs,
    "outputs_tree": _simple(_tree, "outputs"),
    "outputs_tree_exact": _exactly(_tree, "outputs"),
    "flow_outputs": _simple(lambda target: target.execution.outputs or {}, "outputs of the flow"),
    "flow_outputs_exact": _exactly(lambda target: target.execution.outputs, "outputs of the flow"),
    "execution_inputs": _simple(lambda target: target.execution.inputs, "inputs"),
    "inputs": _simple(lambda target: target.execution.inputs, "inputs"),
    "labels": _labels,
    "labels_exact": _exactly(lambda target: _user_labels(target.execution), "labels"),
    "state_history": _prefix,
    "state_history_len": _simple(lambda target: len(_history(target)), "history"),
    "same_execution_id": _same_id,
    "parent_id": _simple(lambda target: target.execution.parent_id, "parent"),
    "relations": _relations,
    "logs": _logs,
    "log_count_containing": _log_counts,
    "executions": _executions,
    "executions_of_flow_terminal_states_any_order": _ends_of_flow,
    "attempts": _attempts,
    "trigger": _trigger,
    "storage_content": _storage,
    "schedule_date": _schedule_date,
}
