"""Outputs of a child execution that its parent's task chooses: the older way, for flows that declare none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from executions.engine.compiled import CompiledFlow
from executions.engine.control import needs_of
from executions.engine.ledger import Ledger
from executions.engine.scope import build_scope, follow
from flows.expressions import Environment, render
from plugins.contracts import Task
from plugins.flowables.subflow import Subflow


def wants_to_choose(task: Task) -> bool:
    return isinstance(task, Subflow) and bool(task.outputs)


def chosen_outputs(task: Task, child: CompiledFlow, ledger: Ledger, env: Environment) -> Mapping[str, Any] | None:
    """What the task makes of the child's variables; None when it is not asked. Raises ExpressionError.

    Functions that reach outside are refused: there is no job that could ask.
    """
    if not isinstance(task, Subflow) or not task.outputs or child.flow.outputs:
        return None
    scope = build_scope(child, ledger, None, follow(child, needs_of(task.outputs)))
    chosen: dict[str, Any] = render(task.outputs, scope, env)
    return chosen
