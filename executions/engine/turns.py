"""One turn of a loop as an execution: its first record, and what its expressions know of the turn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from executions.engine.compiled import CompiledFlow
from executions.engine.decisions import TurnOrder
from executions.engine.events import ChildChanged
from executions.engine.records import Execution, Step
from plugins.contracts import State

LOOP = "LOOP"
"""The kind of an execution that is a turn."""


def new_turn(parent: Execution, order: TurnOrder, *, id: str, at: datetime) -> Execution:
    """The record of a turn, RUNNING like the execution it belongs to and with its history. Feed it `TurnBegan`.

    It takes over labels and variables, which it may change for itself; inputs and trigger it reads where they are.
    """
    history = _until_its_end(parent)
    turn = Execution(
        id=id,
        tenant=parent.tenant,
        namespace=parent.namespace,
        flow_id=parent.flow_id,
        flow_revision=parent.flow_revision,
        state=history[-1].state,
        history=history,
        labels=dict(parent.labels),
        variables=dict(parent.variables),
        parent_id=parent.id,
        original_id=parent.original_id or parent.id,
        kind=LOOP,
        breakpoints=list(parent.breakpoints),
        attempt_number=parent.attempt_number,
        original_created_date=parent.original_created_date,
        loop_run=_loop_run(parent, order),
    )
    if order.is_stored:
        turn.frame["stored"] = True
    turn.enter(State.RUNNING, at)
    return turn


def new_turn_after(turn: Execution, *, id: str, at: datetime) -> Execution:
    """The record of a turn that takes the place of one that ended RETRIED."""
    history = _until_its_end(turn)
    again = Execution(
        id=id,
        tenant=turn.tenant,
        namespace=turn.namespace,
        flow_id=turn.flow_id,
        flow_revision=turn.flow_revision,
        state=history[-1].state,
        history=history,
        labels=dict(turn.labels),
        parent_id=turn.parent_id,
        original_id=turn.original_id,
        kind=LOOP,
        attempt_number=turn.attempt_number + 1,
        original_created_date=turn.original_created_date or turn.start_date,
        loop_run=turn.loop_run,
        frame={"stored": True} if turn.frame.get("stored") else {},
    )
    again.enter(State.RUNNING, at)
    return again


def _until_its_end(execution: Execution) -> list[Step]:
    """Its history as far as it has one to go on from: a loop may run after the end, and a turn take another's place."""
    steps = list(execution.history)
    while steps[-1].state.is_terminal or steps[-1].state is State.KILLING:
        steps.pop()
    return [Step(step.state, step.date) for step in steps]


def _loop_run(parent: Execution, order: TurnOrder) -> dict[str, Any]:
    above = parent.loop_run
    run: dict[str, Any] = {
        "taskId": order.task_id,
        "taskRunId": order.task_run_id,
        "index": order.index,
        "value": order.value,
        "rootId": above["rootId"] if above is not None else parent.id,
    }
    if order.key is not None:
        run["key"] = order.key
    if above is not None:
        run["parent"] = above
    return run


def flow_of_turn(flow: CompiledFlow, loop_run: Mapping[str, Any] | None) -> CompiledFlow:
    """What a turn runs, found from its whole flow. KeyError when the flow no longer has the loop."""
    if loop_run is None:
        return flow
    return flow_of_turn(flow, loop_run.get("parent")).turns[loop_run["taskId"]]


def around(loop_run: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The turn and those it stands in, innermost first."""
    each: Mapping[str, Any] | None = loop_run
    while each is not None:
        yield each
        each = each.get("parent")


def item_of(loop_run: Mapping[str, Any]) -> dict[str, Any]:
    """The variable `item`."""
    item: dict[str, Any] = {"value": loop_run["value"], "index": loop_run["index"]}
    if "key" in loop_run:
        item["key"] = loop_run["key"]
    _, *above = around(loop_run)
    if above:
        item["parents"] = [{"index": each["index"], "value": each["value"]} for each in above]
        item["parent"] = item["parents"][0]
    return item


def shown(loop_run: Mapping[str, Any]) -> dict[str, Any]:
    """As the API shows it."""
    told = {key: value for key, value in loop_run.items() if key not in ("rootId", "parent")}
    _, *above = around(loop_run)
    if above:
        told["parents"] = [{key: each[key] for key in ("index", "key", "value") if key in each} for each in above]
    return told


def entry(index: int, item: Any, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """One of a loop's `outputs`: what the turn was about, and what it gave."""
    value, key = item if isinstance(item, list) else (item, None)
    about: dict[str, Any] = {"value": value, "iteration": index}
    return {"item": about if key is None else {"key": key, **about}, "outputs": dict(outputs)}


def gives_outputs(state: State) -> bool:
    """Whether the outputs of a turn that ended so are the loop's."""
    return state in (State.SUCCESS, State.WARNING)


def end_of_turn(turn: Execution, *, at: datetime, seed: int, opens_more: bool = True) -> ChildChanged:
    """What the end of a turn is to its loop."""
    run = turn.loop_run or {}
    return ChildChanged(
        at=at,
        seed=seed,
        task_run_id=run["taskRunId"],
        child_id=turn.id,
        state=turn.state,
        outputs=turn.outputs,
        iteration=run["index"],
        before=_ended_before(turn),
        opens_more=opens_more,
    )


def _ended_before(turn: Execution) -> State | None:
    """How it had ended before its last restart; the history it was given by its parent does not count."""
    own = turn.history[int(turn.frame.get("given", 0)) :]
    restarts = [place for place, step in enumerate(own) if step.state is State.RESTARTED]
    ends = [step.state for step in own[: restarts[-1]] if step.state.is_terminal] if restarts else []
    return ends[-1] if ends else None
