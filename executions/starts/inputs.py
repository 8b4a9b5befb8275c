"""The values an execution starts with, from what was given and what its flow declares."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from executions.engine.compiled import CompiledFlow
from executions.engine.rendering import LIMITS
from executions.engine.scope import build_scope
from executions.record.files import keepers
from executions.record.sealed_texts import closed
from executions.starts.reusable_inputs import blocks_of
from flows.expressions import Environment
from flows.model.inputs.definitions import Input
from flows.model.inputs.ports import NO_KEEPERS, Keepers
from flows.model.inputs.resolve import Resolved, resolve_inputs
from flows.model.reading.read import read_model
from flows.model.reading.session import Reading
from plugins.catalog.registry import registry
from plugins.contracts import State

if TYPE_CHECKING:
    from executions.record.transitions import Transition


def resolve(flow: CompiledFlow, given: Mapping[str, Any], at: datetime, keeping: Keepers = NO_KEEPERS) -> Resolved:
    """Every input with its value or what is wrong with it."""
    if not flow.flow.inputs:
        return Resolved([])
    env = Environment(clock=lambda: at, random=random.Random(), limits=LIMITS)
    blocks = blocks_of(flow.flow.namespace)
    return resolve_inputs(flow.flow.inputs, given, scope=_scope(flow), env=env, keepers=keeping, blocks=blocks)


def resolve_values(
    flow: CompiledFlow, given: Mapping[str, Any], at: datetime, keeping: Keepers = NO_KEEPERS
) -> dict[str, Any]:
    """The values. Raises InvalidInputs naming every input that does not fit."""
    return resolve(flow, given, at, keeping).require()


def pause_inputs(
    transition: Transition, given: Mapping[str, Any], *, keeps_files: bool
) -> tuple[str | None, Resolved | None]:
    """The task run that is paused, and what its `onResume` makes of the given values; None when it asks for nothing.

    Secrets are sealed; files are stored under the execution unless the values are only tried.
    """
    paused = next((run for run in transition.ledger.all_task_runs() if run.state is State.PAUSED), None)
    if paused is None:
        return None, None
    asked = getattr(transition.flow.nodes[paused.task_id].task, "on_resume", None)
    if not asked:
        return paused.id, None
    env = Environment(clock=lambda: transition.at, random=random.Random(), limits=LIMITS)
    scope = build_scope(transition.flow, transition.ledger, paused)
    record = transition.execution
    stored = keepers(record.tenant, record.namespace, record.flow_id, record.id) if keeps_files else NO_KEEPERS
    keeping = replace(stored, close_secret=closed)
    return paused.id, resolve_inputs(_definitions(asked), given, scope=scope, env=env, keepers=keeping)


def _definitions(documents: list[Any]) -> list[Input]:
    """Inputs of a task, which were checked when the flow was saved."""
    reading = Reading(registry=registry(), check_expression=None, ignores_unknown=True, root=documents)
    read = [read_model(Input, document, reading) for document in documents]
    return [definition for definition in read if definition is not None]


def _scope(flow: CompiledFlow) -> dict[str, Any]:
    document = flow.flow
    return {
        "flow": {"id": document.id, "namespace": document.namespace, "revision": document.revision},
        "vars": document.variables or {},
        "envs": flow.surroundings.envs,
        "globals": flow.surroundings.globals,
        "namespace": flow.surroundings.namespace,
    }
