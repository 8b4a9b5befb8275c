"""Flow triggers of a simulated world: flows that start when others change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from control_plane.kernel.words.errors import Invalid
from executions.engine.compiled import CompiledFlow
from executions.engine.scope import build_scope
from executions.engine.triggers import trigger_record
from executions.simulator.ports import World
from executions.simulator.simulated import Simulated
from flows.expressions import Environment, render
from flows.expressions.errors import ExpressionError
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError, State
from plugins.triggers.flow import Flow as FlowTrigger
from plugins.triggers.flow import flow_trigger_variables, is_complete


def flow_triggers(world: World, execution: Simulated, state: State) -> None:
    """Start every flow that listens to this change."""
    shown = _shown(execution, state)
    for flow in list(world.flows.values()):
        if flow.flow.disabled:
            continue
        for trigger in flow.flow.triggers:
            if isinstance(trigger, FlowTrigger) and not trigger.disabled:
                _listen(world, flow, trigger, execution, shown)


def _listen(
    world: World, flow: CompiledFlow, trigger: FlowTrigger, execution: Simulated, shown: Mapping[str, Any]
) -> None:
    variables = flow_trigger_variables(shown)
    facts = _facts(world, flow, execution, shown, variables)
    try:
        if not trigger.reacts_to(State(shown["state"])) or not trigger.accepts(facts):
            return
        if not _is_complete(world, flow, trigger, facts):
            return
        inputs = render(dict(trigger.inputs), facts.scope, Environment(clock=lambda: world.clock.now))
        world.start(
            flow.flow.namespace,
            flow.flow.id,
            inputs,
            resolve=bool(inputs) or _needs_nothing(flow),
            trigger=trigger_record(trigger.id, trigger.type, variables),
        )
    except (PluginError, ExpressionError, Invalid):
        return


def _needs_nothing(flow: CompiledFlow) -> bool:
    """Whether defaults can fill every input: a trigger that gives none is not held back by those it does not name."""
    return all(each.defaults is not None or not each.required for each in flow.flow.inputs)


def _is_complete(world: World, flow: CompiledFlow, trigger: FlowTrigger, facts: Facts) -> bool:
    """Whether everything a window waits for was met; windows here never pass."""
    for window in trigger.windows():
        key = (flow.flow.namespace, flow.flow.id, trigger.id, window.id)
        met = world.windows.setdefault(key, set())
        met |= set(window.met_by(facts))
        if not is_complete(window, met):
            return False
        met.clear()
    return True


def _shown(execution: Simulated, state: State) -> dict[str, Any]:
    record = execution.execution
    return {
        "id": record.id,
        "namespace": record.namespace,
        "flowId": record.flow_id,
        "flowRevision": record.flow_revision,
        "state": state.value,
        "labels": record.labels,
        "outputs": record.outputs,
        "attempts": [[attempt.state.value for attempt in run.attempts] for run in execution.runs],
    }


def _facts(
    world: World,
    flow: CompiledFlow,
    execution: Simulated,
    shown: Mapping[str, Any],
    variables: Mapping[str, Any],
) -> Facts:
    scope = build_scope(execution.flow, execution.ledger, None)
    scope["trigger"] = variables
    environment = Environment(clock=lambda: world.clock.now)
    return Facts(
        renderer=lambda text, values: render(text, values, environment),
        flow={"id": flow.flow.id, "namespace": flow.flow.namespace},
        execution=shown,
        scope=scope,
    )
