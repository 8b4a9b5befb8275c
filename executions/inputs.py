"""The values an execution starts with, from what was given and what its flow declares."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from executions.engine.compiled import CompiledFlow
from executions.engine.rendering import LIMITS
from flows.expressions import Environment
from flows.model.inputs.ports import NO_KEEPERS, Keepers
from flows.model.inputs.resolve import Resolved, resolve_inputs


def resolve(flow: CompiledFlow, given: Mapping[str, Any], at: datetime, keepers: Keepers = NO_KEEPERS) -> Resolved:
    """Every input with its value or what is wrong with it."""
    if not flow.flow.inputs:
        return Resolved([])
    env = Environment(clock=lambda: at, random=random.Random(), limits=LIMITS)
    return resolve_inputs(flow.flow.inputs, given, scope=_scope(flow), env=env, keepers=keepers)


def resolve_values(
    flow: CompiledFlow, given: Mapping[str, Any], at: datetime, keepers: Keepers = NO_KEEPERS
) -> dict[str, Any]:
    """The values. Raises InvalidInputs naming every input that does not fit."""
    return resolve(flow, given, at, keepers).require()


def _scope(flow: CompiledFlow) -> dict[str, Any]:
    document = flow.flow
    return {
        "flow": {"id": document.id, "namespace": document.namespace, "revision": document.revision},
        "vars": document.variables or {},
        "envs": flow.surroundings.envs,
        "globals": flow.surroundings.globals,
        "namespace": flow.surroundings.namespace,
    }
