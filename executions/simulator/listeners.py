"""Flow triggers of a simulated world: flows that start when others change."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from control_plane.kernel.words.errors import Invalid
from executions.engine.compiled import CompiledFlow
from executions.engine.flow_triggers import Judgement, Upstream, judge, start_by, upstream_of
from executions.simulator.ports import World
from executions.simulator.simulated import Simulated
from flows.expressions import Environment
from flows.expressions.errors import ExpressionError
from flows.model.inputs.definitions import GroupInput
from flows.model.inputs.forms import asked
from plugins.contracts import LogLevel, PluginError, State
from plugins.triggers.flow import Flow as FlowTrigger
from plugins.triggers.flow import is_complete


def flow_triggers(world: World, execution: Simulated, state: State) -> None:
    """Start every flow that listens to this change."""
    waiting = [
        (flow, trigger)
        for flow in world.flows.values()
        if not flow.flow.disabled
        for trigger in flow.flow.triggers
        if isinstance(trigger, FlowTrigger) and not trigger.disabled and trigger.reacts_to(state)
    ]
    if waiting:
        upstream = upstream_of(execution.flow, execution.ledger, execution.runs, state)
        for flow, trigger in waiting:
            _listen(world, flow, trigger, execution, upstream)


def _listen(world: World, flow: CompiledFlow, trigger: FlowTrigger, execution: Simulated, upstream: Upstream) -> None:
    environment = Environment(clock=lambda: world.clock.now)
    judged = judge(trigger, flow, upstream, environment)
    if judged.warning is not None:
        world.log(execution, LogLevel.WARN, judged.warning, None)
    others = _met_before(world, flow, trigger, upstream, judged) if judged.is_fit else None
    if others is None:
        return
    try:
        begin = start_by(trigger, flow, upstream, environment, others)
        world.start(
            flow.flow.namespace,
            flow.flow.id,
            begin.inputs,
            begin.labels,
            resolve=bool(begin.inputs) or _needs_nothing(flow),
            trigger=copy.deepcopy(dict(begin.trigger)),
        )
    except (PluginError, ExpressionError, Invalid):
        return


def _needs_nothing(flow: CompiledFlow) -> bool:
    """Whether defaults can fill every input: a trigger that gives none is not held back by those it does not name."""
    needed = (each for each in asked(flow.flow.inputs) if each.required and not isinstance(each, GroupInput))
    return all(each.defaults is not None for each in needed)


def _met_before(
    world: World, flow: CompiledFlow, trigger: FlowTrigger, upstream: Upstream, judged: Judgement
) -> dict[tuple[str, str], Mapping[str, Any]] | None:
    """What the executions before this one brought once every window has all it waits for; windows never pass here."""
    others: dict[tuple[str, str], Mapping[str, Any]] = {}
    for window in trigger.windows():
        key = (flow.flow.namespace, flow.flow.id, trigger.id, window.id)
        met, brought = world.windows.setdefault(key, set()), world.brought.setdefault(key, {})
        met |= judged.met[window.id]
        if not is_complete(window, met):
            brought[upstream.shown["namespace"], upstream.shown["flowId"]] = upstream.shown["outputs"] or {}
            return None
        others |= brought
        met.clear()
        brought.clear()
    return others
