"""A trigger starts an execution: its labels, its inputs, its first record, in the transaction of whoever fires it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Invalid
from control_plane.kernel.words.ids import new_id
from executions.engine.records import Execution
from executions.engine.triggers import trigger_record
from executions.record.files import keepers
from executions.record.flow_source import RunningFlow
from executions.record.sealed_texts import mask_of, sealed
from executions.record.secret_inputs import sealing
from executions.starts.begin import Start, begin
from executions.starts.inputs import resolve_values
from flows.expressions import ExpressionError, render
from flows.model.trigger_labels import trigger_labels
from plugins.conditions.facts import Facts
from plugins.contracts import Trigger
from triggers.firing.facts import environment_at
from triggers.firing.telling import tell_start


@dataclass(frozen=True, slots=True)
class Launch:
    """One execution to be started. `variables` are what `trigger` says in it; with a `failure` it fails at once.

    `more` are variables besides, `inputs` and `labels` are added to those of the trigger.
    """

    running: RunningFlow
    revision: int
    revision_id: str
    trigger: Trigger
    facts: Facts
    at: datetime
    variables: Mapping[str, Any]
    more: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    failure: str | None = None
    secrets: Sequence[str] = ()
    """Those that occur in the variables: closed wherever these are kept."""
    date: datetime | None = None
    """What it is for."""
    id: str = field(default_factory=new_id)

    @property
    def record(self) -> dict[str, Any]:
        variables = sealed(dict(self.variables), self.secrets) if self.secrets else self.variables
        return trigger_record(self.trigger.id, self.trigger.type, variables)

    def failing(self, reason: str) -> Launch:
        return replace(self, failure=reason)


def started(launch: Launch, pipeline: Pipeline | None = None) -> Execution:
    """The same as `begun`, told to the trail as an act of the trigger."""
    execution = begun(launch, pipeline)
    tell_start(execution)
    return execution


def begun(launch: Launch, pipeline: Pipeline | None = None) -> Execution:
    """Write it and let it begin, in the trip of the pipeline. Raises Blocked when a check of the flow refuses it.

    One whose inputs do not fit fails with the reason: the date it was for is not lost without a trace.
    """
    values: dict[str, Any] = {}
    if launch.failure is None:
        try:
            values = inputs_of(launch)
        except (Invalid, ExpressionError) as error:
            launch = launch.failing(error.message)
    flow = launch.running.compiled.flow
    facts = launch.facts.with_variables({"trigger": launch.variables, **launch.more})
    labels = trigger_labels(flow.label_map, launch.trigger.labels, facts)
    if launch.secrets:
        mask = mask_of(launch.secrets)
        values, labels = sealed(values, launch.secrets), {key: mask(label) for key, label in labels.items()}
    return begin(
        launch.running,
        Start(
            revision=launch.revision,
            revision_id=launch.revision_id,
            tenant=current_tenant(),
            at=launch.at,
            id=launch.id,
            inputs=values,
            labels={**labels, **launch.labels},
            trigger=launch.record,
            failure=launch.failure,
            schedule_date=launch.date,
        ),
        pipeline,
    )


def inputs_of(launch: Launch) -> dict[str, Any]:
    """Those of the trigger and of the launch, rendered and resolved. Raises Invalid and ExpressionError."""
    flow = launch.running.compiled
    scope = {**launch.facts.scope, "trigger": launch.variables, **launch.more}
    given = render({**launch.trigger.inputs, **launch.inputs}, scope, environment_at(launch.at))
    tenant, namespace, flow_id = current_tenant(), flow.flow.namespace, flow.flow.id
    keeping = sealing(tenant, namespace, flow_id, keepers(tenant, namespace, flow_id, launch.id))
    return resolve_values(flow, given, launch.at, keeping)
