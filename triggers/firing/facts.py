"""What a trigger is decided on before there is an execution: its flow, and what surrounds it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from control_plane.kernel.words.moments import zone
from executions.engine.compiled import CompiledFlow
from executions.engine.rendering import LIMITS
from flows.expressions import Environment
from flows.expressions.environment import NoServices, Services
from flows.model.facts import renderer
from plugins.conditions.facts import Facts

SERVER_ZONE: tzinfo = zone("UTC")
"""Dates that name no zone are read in it."""


def environment_at(at: datetime, services: Services | None = None) -> Environment:
    clock: Callable[[], datetime] = lambda: at  # noqa: E731  (a parameter, not a function of its own)
    return Environment(services or NoServices(), clock=clock, random=random.Random(), limits=LIMITS)


def facts_of(flow: CompiledFlow, at: datetime, services: Services | None = None) -> Facts:
    document = flow.flow
    return Facts(
        renderer(environment_at(at, services)),
        flow={"id": document.id, "namespace": document.namespace},
        scope=scope_of(flow),
        zone=SERVER_ZONE,
    )


def scope_of(flow: CompiledFlow) -> dict[str, Any]:
    document = flow.flow
    return {
        "flow": {"id": document.id, "namespace": document.namespace, "revision": document.revision},
        "labels": dict(document.label_map),
        "vars": document.variables or {},
        "envs": flow.surroundings.envs,
        "globals": flow.surroundings.globals,
        "namespace": flow.surroundings.namespace,
    }
