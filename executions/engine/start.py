"""The first record of an execution: its labels, its place among others, what its flow checks before it begins."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

from executions.engine.compiled import CompiledFlow
from executions.engine.records import Execution, Step
from flows.model.inputs.forms import asked
from plugins.contracts import State

SYSTEM = "system."
CORRELATION = "system.correlationId"
READ_ONLY = "system.readOnly"
FROM = "system.from"
"""Where it was started."""
REPLAY = "system.replay"
"""It repeats another one."""
REPLAYED = "system.replayed"
"""Another one repeats it."""
RESTARTED = "system.restarted"
REPEATS = {REPLAY: "true"}
IS_REPEATED = {REPLAYED: "true"}


def new_execution(
    flow: CompiledFlow,
    *,
    id: str,
    tenant: str,
    at: datetime,
    inputs: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    trigger: Mapping[str, Any] | None = None,
    variables: Mapping[str, Any] | None = None,
    parent_id: str | None = None,
    original_id: str | None = None,
    kind: str | None = None,
    breakpoints: list[str] | None = None,
    schedule_date: datetime | None = None,
    attempt_number: int = 1,
    original_created_date: datetime | None = None,
) -> Execution:
    """A CREATED execution. Feed it `Created` once it is written, or at its `schedule_date`."""
    return Execution(
        id=id,
        tenant=tenant,
        namespace=flow.flow.namespace,
        flow_id=flow.flow.id,
        flow_revision=flow.flow.revision or 1,
        state=State.CREATED,
        history=[Step(State.CREATED, at)],
        labels=labels_of(flow, id, labels or {}),
        inputs=dict(inputs or {}),
        variables=dict(variables or {}),
        trigger=dict(trigger) if trigger is not None else None,
        parent_id=parent_id,
        original_id=original_id,
        kind=kind,
        breakpoints=list(breakpoints or ()),
        schedule_date=schedule_date,
        attempt_number=attempt_number,
        original_created_date=original_created_date,
    )


def labels_of(flow: CompiledFlow, execution_id: str, given: Mapping[str, str | None]) -> dict[str, str]:
    """The flow's labels without those of the system, then the given ones; every execution can be followed by its
    correlation id, its own when none was passed on. Labels without a name or a value are left out."""
    own = {key: value for key, value in flow.flow.label_map.items() if not key.startswith(SYSTEM)}
    named = {str(key): str(value) for key, value in given.items() if key and value}
    labels = {**own, **named}
    labels.setdefault(CORRELATION, execution_id)
    return labels


def unknown_inputs(flow: CompiledFlow, given: Iterable[str], taken: Container[str]) -> list[str]:
    """A sentence for each value that no input of the flow is for, as its inputs depend on each other; `taken`: those
    that came to have a value."""
    known = {each.id for each in asked(flow.flow.inputs) if each.depends_on is None or each.id.split(".")[0] in taken}
    known |= {name.split(".")[0] for name in known}
    where = f"{flow.flow.namespace}.{flow.flow.id}"
    return [
        f"Input {name[:_LONGEST_NAME]} was provided for workflow {where} but isn't declared in the workflow inputs"
        for name in list(given)[:_MOST_WARNINGS]
        if name not in known
    ]


_LONGEST_NAME, _MOST_WARNINGS = 200, 50


def forbidden_labels(given: Mapping[str, str]) -> list[str]:
    """The labels nobody may give from outside: those of the system, but for the correlation id."""
    return [name for name in given if name.startswith(SYSTEM) and name != CORRELATION]
