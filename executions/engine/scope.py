"""The variables an expression may read, built only as far as it may touch them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from executions.engine.compiled import CompiledFlow
from executions.engine.control import EVERYTHING, Needs, needs_of
from executions.engine.ledger import Ledger
from executions.engine.records import Execution, TaskRun
from executions.engine.triggers import trigger_in_expressions
from executions.engine.turns import entry, item_of
from executions.engine.variables import variables_of
from plugins.contracts import State, Task

Branch = Iterable[tuple[tuple[str, ...], Any]]


class Fresh(Protocol):
    """Task runs that changed in this very event, which the ledger may not show yet."""

    def run(self, task_run_id: str) -> TaskRun: ...

    def touched(self, task_id: str) -> Sequence[TaskRun]: ...

    def path(self, run: TaskRun) -> tuple[str, ...]: ...


def build_scope(
    flow: CompiledFlow,
    ledger: Ledger,
    task_run: TaskRun | None,
    references: Needs | None = None,
    fresh: Fresh | None = None,
) -> dict[str, Any]:
    """The variables for expressions of a task run, or of the flow when there is none.

    Only what `references` names is looked up; None means everything. Inside a loop, `outputs` are nested by the values
    of the loops around the task they come from.
    """
    needs = references if references is not None else EVERYTHING
    scope = {**_of_flow(flow, ledger.execution), **_of_execution(ledger, needs)}
    if needs.wants("outputs") and (ledger.execution.task_run_count or ledger.outer is not None):
        values = _loop_values(fresh.run if fresh is not None else ledger.task_run, task_run)
        scope["outputs"] = _outputs(flow, ledger, needs, fresh, values)
    if needs.wants("tasks"):
        scope["tasks"] = _states(flow, ledger, needs, fresh)
    if task_run is not None:
        find = fresh.run if fresh is not None else ledger.task_run
        scope.update(_of_task_run(flow, find, task_run, needs, ledger.execution.loop_run))
    return scope


def scope_at_start(flow: CompiledFlow, execution: Execution) -> dict[str, Any]:
    """The variables before anything of an execution has run."""
    return {**_of_flow(flow, execution), **_shown(execution, execution)}


def told_with_state(task_id: str, value: str | None, state: str) -> dict[str, str]:
    """One task run as `tasksWithState()` tells it."""
    told = {"state": state, "taskId": task_id}
    return told if value is None else {**told, "value": value}


def references_of(flow: CompiledFlow, task: Task) -> Needs:
    """What the properties of a task may touch when a worker renders them, `render()` followed into variables."""
    return follow(flow, needs_of(task.model_dump(mode="python", by_alias=True, exclude_none=True)))


def follow(flow: CompiledFlow, needs: Needs) -> Needs:
    """Add what the rendered values need in turn, where they are the flow's own; anything else may be anything."""
    seen: set[str] = set()
    waiting = list(needs.follows)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        value, is_known = _known_value(flow, path)
        below = needs_of(value) if is_known else EVERYTHING
        waiting.extend(below.follows)
        needs = needs | below
    return needs


def _known_value(flow: CompiledFlow, path: str) -> tuple[Any, bool]:
    first, *keys = path.split(".")
    roots: dict[str, Mapping[str, Any]] = {"namespace": flow.surroundings.namespace}
    if not flow.changes_variables:
        roots["vars"] = flow.flow.variables or {}
    if first not in roots:
        return None, False
    value: Any = roots[first]
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value, True


def _of_flow(flow: CompiledFlow, execution: Execution) -> dict[str, Any]:
    around = flow.surroundings
    scope: dict[str, Any] = {"envs": around.envs, "globals": around.globals}
    if around.kestra:
        scope["kestra"] = around.kestra
    if around.namespace:
        scope["namespace"] = around.namespace
    variables = variables_of(flow, execution)
    if variables:
        scope["vars"] = variables
    if flow.flow.inputs:
        scope["inputs"] = {}
    return scope


def _of_execution(ledger: Ledger, needs: Needs) -> dict[str, Any]:
    """A turn has what the execution has that its loop stands in, read where it is."""
    execution = ledger.execution
    if execution.loop_run is None:
        return _shown(execution, execution)
    reads_outer = needs.wants("inputs") or needs.wants("trigger")
    scope = _shown(execution, _outermost(ledger).execution if reads_outer else execution)
    scope["execution"]["id"] = execution.loop_run["rootId"]
    scope["item"] = item_of(execution.loop_run)
    return scope


def _outermost(ledger: Ledger) -> Ledger:
    while ledger.outer is not None:
        ledger = ledger.outer
    return ledger


def _shown(execution: Execution, given: Execution) -> dict[str, Any]:
    """`given` is the execution that inputs and trigger were given to."""
    scope: dict[str, Any] = {
        "flow": {
            "id": execution.flow_id,
            "namespace": execution.namespace,
            "revision": execution.flow_revision,
            "tenantId": execution.tenant,
        },
        "execution": {
            "id": execution.id,
            "startDate": execution.start_date,
            "state": execution.state.value,
            "originalId": execution.original_id or execution.id,
            **_of_end(execution),
        },
    }
    if given.inputs:
        scope["inputs"] = given.inputs
    if given.trigger is not None:
        scope["trigger"] = trigger_in_expressions(given.trigger)
    if execution.labels:
        scope["labels"] = nested_labels(execution.labels)
    return scope


def _of_end(execution: Execution) -> dict[str, Any]:
    """What is known once it has ended, to the tasks that run then."""
    if not execution.state.is_terminal:
        return {}
    end = {"endDate": execution.history[-1].date}
    return {**end, "outputs": execution.outputs} if execution.outputs is not None else end


def nested_labels(labels: Mapping[str, str]) -> dict[str, Any]:
    """Labels with dots in their names, such as `system.correlationId`, as maps in maps."""
    nested: dict[str, Any] = {}
    for name, value in labels.items():
        *above, last = name.split(".")
        place = nested
        for key in above:
            below = place.get(key)
            if not isinstance(below, dict):
                below = place[key] = {}
            place = below
        place[last] = value
    return nested


def _of_task_run(
    flow: CompiledFlow,
    find: Callable[[str], TaskRun],
    run: TaskRun,
    needs: Needs,
    loop_run: Mapping[str, Any] | None,
) -> dict[str, Any]:
    node = flow.nodes[run.task_id]
    around = list(_around(find, run)) if _looks_up(needs, node.is_inside_job) else []
    value = run.value
    if value is None and node.is_inside_job and around:
        value = around[0].value
    scope: dict[str, Any] = {
        "task": {"id": run.task_id, "type": node.task.type},
        "taskrun": _taskrun(run, value),
    }
    if loop_run is not None and run.parent_id is None:
        scope["taskrun"]["parentId"] = loop_run["taskRunId"]
    if node.is_inside_job:
        scope["workerTaskrun"] = {"value": value}
    parents = [shown for shown in map(_parent, around) if shown]
    if parents:
        scope["parents"] = parents
        scope["parent"] = parents[0]
    return scope


def _looks_up(needs: Needs, is_inside_job: bool) -> bool:
    return (
        needs.wants("parents")
        or needs.wants("parent")
        or (is_inside_job and (needs.wants("taskrun") or needs.wants("workerTaskrun")))
    )


def _around(find: Callable[[str], TaskRun], run: TaskRun) -> Iterator[TaskRun]:
    above = run.parent_id
    while above is not None:
        parent = find(above)
        yield parent
        above = parent.parent_id


def _taskrun(run: TaskRun, value: str | None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": run.id,
        "startDate": run.history[0].date,
        "attemptsCount": max(0, len(run.attempts) - (run.state is State.RUNNING and bool(run.attempts))),
    }
    if run.parent_id is not None:
        shown["parentId"] = run.parent_id
    if value is not None:
        shown["value"] = value
    if run.iteration is not None:
        shown["iteration"] = run.iteration
    return shown


def _parent(run: TaskRun) -> dict[str, Any]:
    """What a task may know of one around it; those with neither value nor outputs are not shown at all."""
    shown: dict[str, Any] = {}
    if run.value is not None:
        shown["taskrun"] = {"value": run.value}
    if run.outputs is not None:
        shown["outputs"] = run.outputs
    return shown


def _loop_values(find: Callable[[str], TaskRun], run: TaskRun | None) -> frozenset[str]:
    if run is None:
        return frozenset()
    return frozenset(each.value for each in (run, *_around(find, run)) if each.value is not None)


def _outputs(
    flow: CompiledFlow, ledger: Ledger, needs: Needs, fresh: Fresh | None, values: frozenset[str]
) -> dict[str, Any]:
    """A task in a loop that asks for those of its own value gets these alone: the last costs what the first did."""
    outputs: dict[str, Any] = {}
    for task_id in _named(flow, needs, "outputs"):
        is_own = bool(values) and needs.is_of_own_loop("outputs", task_id)
        found = ledger.outputs(task_id, values) if is_own else ledger.outputs(task_id)
        tree = _tree(_fresh(found, fresh, task_id, lambda run: run.outputs or {}))
        if tree is not None:
            outputs[task_id] = tree
    for task_id, tree in _outer_outputs(flow, ledger, needs):
        outputs.setdefault(task_id, tree)
    return outputs


def _outer_outputs(flow: CompiledFlow, ledger: Ledger, needs: Needs) -> Iterator[tuple[str, dict[str, Any]]]:
    """In a turn: what the tasks around its loops gave, and the loops themselves so far, nearest first."""
    while ledger.outer is not None:
        loop = ledger.execution.loop_run or {}
        ledger = ledger.outer
        for task_id in _named_around(flow, needs, "outputs"):
            tree = _tree(ledger.outputs(task_id))
            if tree is not None:
                is_own_loop = task_id == loop["taskId"]
                yield task_id, {**_so_far(ledger, loop["taskRunId"]), **tree} if is_own_loop else tree


def _so_far(ledger: Ledger, task_run_id: str) -> dict[str, Any]:
    """The outputs of a running loop are put together only when they are asked for; none of one that is gone."""
    items = ledger.items(task_run_id)
    ended = ledger.turn_outputs(task_run_id) if items else ()
    entries = [entry(index, items[index], outputs) for index, outputs in ended]
    return {"outputs": entries} if entries else {}


def _states(flow: CompiledFlow, ledger: Ledger, needs: Needs, fresh: Fresh | None) -> dict[str, Any]:
    states: dict[str, Any] = {}
    for task_id in _named(flow, needs, "tasks"):
        found = ((path, {"state": state}) for path, state in ledger.states(task_id))
        tree = _tree(_fresh(found, fresh, task_id, lambda run: {"state": run.state.value}))
        if tree is not None:
            states[task_id] = tree
    while ledger.outer is not None:
        ledger = ledger.outer
        for task_id in _named_around(flow, needs, "tasks"):
            tree = _tree((path, {"state": state}) for path, state in ledger.states(task_id))
            if tree is not None:
                states.setdefault(task_id, tree)
    return states


def _named_around(flow: CompiledFlow, needs: Needs, name: str) -> Iterable[str]:
    below = needs.below(name)
    return flow.around if below is None else [task_id for task_id in flow.around if task_id in below]


def _named(flow: CompiledFlow, needs: Needs, name: str) -> Iterable[str]:
    below = needs.below(name)
    return flow.nodes if below is None else sorted(below & flow.nodes.keys())


def _fresh(found: Branch, fresh: Fresh | None, task_id: str, read: Any) -> Branch:
    """What the ledger tells, then what this event changed: the later one wins."""
    yield from found
    for run in fresh.touched(task_id) if fresh is not None else ():
        value = read(run)
        if value is not None:
            yield fresh.path(run), value  # type: ignore[union-attr]  # the loop has no turn without it


def _tree(entries: Branch) -> dict[str, Any] | None:
    """Merge values into one tree by their paths; None when there are none."""
    tree: dict[str, Any] | None = None
    for path, value in entries:
        tree = {} if tree is None else tree
        place = tree
        for key in path:
            below = place.get(key)
            if not isinstance(below, dict):
                below = place[key] = {}
            place = below
        place.update(value)
    return tree
