"""Try an expression against an execution."""

from __future__ import annotations

import random
from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.admission.at_once import evaluating
from control_plane.kernel.api.parsing import decode_text
from control_plane.kernel.authorization import require
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from executions.engine.control import needs_of
from executions.engine.rendering import LIMITS
from executions.engine.scope import build_scope, follow
from executions.engine.sealed import shown
from executions.permissions import EXECUTION
from executions.queries.execution import no_execution, read_execution
from executions.record.flow_source import running_flow
from executions.record.ledger import DbLedger
from flows.expressions import Environment
from flows.expressions import compile as compile_expression
from flows.expressions.errors import ExpressionError


def evaluate(request: HttpRequest, ctx: Context, execution_id: str, task_run_id: str | None = None) -> dict[str, Any]:
    """`{result}` or `{error}`. Functions that reach outside are refused: only a running job may use them."""
    kept, runs = read_execution(execution_id)
    require(ctx, EXECUTION.ACCESS_OUTPUTS, kept.record.namespace, absent=no_execution(execution_id))
    run = next((run for run in runs if run.id == task_run_id), None)
    if task_run_id is not None and run is None:
        raise NotFound(f"Task run '{task_run_id}' was not found")
    flow = running_flow(kept).compiled
    text = decode_text(request.body)
    moment = now()
    environment = Environment(clock=lambda: moment, random=random.Random(), limits=LIMITS)
    try:
        with evaluating(ctx):
            template = compile_expression(text)
            scope = shown(build_scope(flow, DbLedger(kept), run, follow(flow, needs_of(text))))
            return {"result": template.render(scope, environment)}
    except ExpressionError as error:
        return {"error": str(error)}
