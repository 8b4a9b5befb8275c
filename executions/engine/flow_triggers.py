"""What an execution means to the Flow triggers of other flows.

Pure: whoever calls it reads the records, keeps what was met within each window, and starts what is to start. For each
change of state of an execution, and each Flow trigger of another flow:

1. `judge` says whether the trigger reacts to it, and what it meets of each of the trigger's windows.
2. Unless it `is_fit`, nothing is left to do but to write `warning`, if there is one, into the log of the execution.
3. For each window the caller adds `met[window.id]` to what was met before within `window.span`, and asks
   `plugins.triggers.flow.is_complete`; when every window is complete, it forgets what was met and starts the flow,
   with the record that `start_by` makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.words.clock import iso
from executions.engine.compiled import CompiledFlow
from executions.engine.ledger import Ledger
from executions.engine.records import Execution, TaskRun
from executions.engine.scope import build_scope, nested_labels
from executions.engine.start import CORRELATION
from executions.engine.triggers import trigger_record
from flows.expressions import Environment, render
from flows.expressions.errors import ExpressionError
from flows.model.trigger_labels import trigger_labels
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError, State
from plugins.triggers.flow import Flow, flow_trigger_variables


@dataclass(frozen=True, slots=True)
class Upstream:
    """An execution in a state it has come into. `shown` is what conditions know of it, `scope` what expressions do."""

    shown: Mapping[str, Any]
    variables: Mapping[str, Any]
    scope: Mapping[str, Any]
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a trigger reacts, and what of each of its windows is met, by the ids of the windows."""

    is_fit: bool
    met: Mapping[str, frozenset[str]] = field(default_factory=dict)
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """What the execution that a trigger starts begins with; `inputs` are rendered and not yet resolved."""

    inputs: Mapping[str, Any]
    labels: Mapping[str, str]
    trigger: Mapping[str, Any]


def upstream_of(flow: CompiledFlow, ledger: Ledger, runs: Iterable[TaskRun], state: State) -> Upstream:
    """`runs` are all the task runs of the execution in the order of their creation."""
    record = ledger.execution
    shown = _shown(record, list(runs), state)
    labels = nested_labels({key: value for key, value in record.labels.items() if key != CORRELATION})
    variables = {**flow_trigger_variables(shown), "executionLabels": labels}
    scope = {**build_scope(flow, ledger, None), "trigger": variables}
    return Upstream(shown, variables, scope, record.labels.get(CORRELATION, record.id))


def _shown(record: Execution, runs: list[TaskRun], state: State) -> dict[str, Any]:
    failed = next((run.task_id for run in runs if run.state is State.FAILED), None)
    return {
        "id": record.id,
        "namespace": record.namespace,
        "flowId": record.flow_id,
        "flowRevision": record.flow_revision,
        "state": state.value,
        "labels": record.labels,
        "outputs": record.outputs,
        "attempts": [[attempt.state.value for attempt in run.attempts] for run in runs],
        "startDate": iso(record.start_date),
        "endDate": iso(record.history[-1].date) if record.state.is_terminal else None,
        "lastTaskId": runs[-1].task_id if runs else None,
        "firstFailedTaskId": failed,
    }


def judge(trigger: Flow, flow: CompiledFlow, upstream: Upstream, environment: Environment) -> Judgement:
    """`flow` is the one that waits. What cannot be decided does not hold; only of `when` somebody is told."""
    facts = facts_of(flow, upstream, environment)
    try:
        if not trigger.listens_to(facts):
            return Judgement(False)
        if not trigger.when_holds(facts):
            return Judgement(False)
    except (PluginError, ExpressionError) as error:
        return Judgement(False, warning=_warning(trigger, flow, error))
    try:
        is_fit = trigger.conditions_hold(facts)
        met = {window.id: frozenset(window.met_by(facts)) for window in trigger.windows()} if is_fit else {}
    except (PluginError, ExpressionError):
        return Judgement(False)
    return Judgement(is_fit, met)


def _warning(trigger: Flow, flow: CompiledFlow, error: Exception) -> str:
    place = f"[namespace: {flow.flow.namespace}] [flow: {flow.flow.id}] [condition: {trigger.when}]"
    return f"{place} Evaluate Condition Failed with error '{error}'"


def facts_of(flow: CompiledFlow, upstream: Upstream, environment: Environment) -> Facts:
    return Facts(
        renderer=lambda text, values: render(text, values, environment),
        flow={"id": flow.flow.id, "namespace": flow.flow.namespace},
        execution=upstream.shown,
        scope=upstream.scope,
    )


def start_by(
    trigger: Flow,
    flow: CompiledFlow,
    upstream: Upstream,
    environment: Environment,
    others: Mapping[tuple[str, str], Mapping[str, Any]],
) -> Begin:
    """What the flow begins with. `others`: outputs of the executions met before in the window, by namespace and flow.

    Raises ExpressionError when the inputs of the trigger cannot be rendered.
    """
    outputs: dict[str, Any] = dict(upstream.variables.get("outputs") or {})
    for (namespace, flow_id), brought in others.items():
        outputs[namespace] = {**outputs.get(namespace, {}), flow_id: dict(brought)}
    variables = {**upstream.variables, "outputs": outputs} if outputs else dict(upstream.variables)
    scope = {**upstream.scope, "trigger": variables}
    facts = facts_of(flow, upstream, environment).with_variables({"trigger": variables})
    labels = trigger_labels({}, trigger.labels, facts)
    return Begin(
        inputs=render(dict(trigger.inputs), scope, environment),
        labels={**labels, CORRELATION: upstream.correlation_id},
        trigger=trigger_record(trigger.id, trigger.type, variables),
    )
