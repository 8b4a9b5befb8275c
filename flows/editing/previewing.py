"""What expressions would say before anything runs: only what their flow already tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flows.expressions import Environment, ExpressionError, render
from flows.model.flow import Flow


def flow_scope(flow: Flow | None, tenant: str) -> dict[str, Any]:
    """The variables known of a flow without an execution: itself, its variables, its labels, plain input defaults."""
    if flow is None:
        return {"flow": {"tenantId": tenant}}
    return {
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "tenantId": tenant},
        "vars": flow.variables,
        "labels": flow.label_map,
        "inputs": {each.id: each.defaults for each in flow.asked if getattr(each, "defaults", None) is not None},
    }


def rendered(expressions: Iterable[str], scope: Mapping[str, Any]) -> dict[str, str]:
    """Each expression with its text. What needs a running execution, or fails, is handed back as it was written."""
    environment = Environment()
    return {expression: _one(expression, scope, environment) for expression in expressions}


def _one(expression: str, scope: Mapping[str, Any], environment: Environment) -> str:
    try:
        return str(render(expression, scope, environment))
    except ExpressionError:
        return expression
