"""How the engine renders control expressions: those without outside functions, on the event's own clock and chance."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from executions.engine.control import Control, Needs
from executions.engine.decisions import Evaluation
from executions.engine.records import TaskRun
from executions.engine.scope import build_scope, follow
from executions.engine.sealed import MAY_BE_SEALED, has_sealed
from executions.engine.work import Work
from flows.expressions import Environment, render
from flows.expressions.errors import ExpressionError
from flows.expressions.limits import Limits

LIMITS = Limits(steps=100_000, output_bytes=1 << 20, total_bytes=4 << 20, seconds=0.5)
"""Of what is rendered inside a transaction; a worker may take longer."""


class RenderFailure(Exception):
    """A control expression has no value here; the text is for people."""


def rendered(
    work: Work, control: Control, run: TaskRun | None, extra: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """The values of control expressions, or None when only a worker may find them. Raises RenderFailure."""
    if control.constants is not None:
        return dict(control.constants)
    scope = pure_scope(work, control, run, extra)
    if scope is None:
        return None
    try:
        values: dict[str, Any] = render(dict(control.expressions), scope, environment(work))
    except ExpressionError as error:
        raise RenderFailure(str(error)) from error
    return values


def pure_scope(
    work: Work, control: Control, run: TaskRun | None, extra: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """The variables of expressions the engine may render itself, or None when only a worker may."""
    needs = follow(work.flow, control.needs) if control.needs.follows else control.needs
    if not needs.is_pure or needs.is_everything or _touches_closed_inputs(work, needs):
        return None
    scope = build_scope(work.flow, work.ledger, run, needs, fresh=work)
    if has_sealed({name: scope[name] for name in MAY_BE_SEALED if name in scope}):
        return None
    return merged(scope, extra) if extra else scope


def _touches_closed_inputs(work: Work, needs: Needs) -> bool:
    closed = work.flow.closed_inputs
    if not closed or not needs.wants("inputs"):
        return False
    touched = needs.below("inputs")
    return touched is None or not closed.isdisjoint(touched)


def order(work: Work, key: str, control: Control, run: TaskRun | None, extra: Mapping[str, Any] | None = None) -> None:
    """Let a worker render them; `Evaluated` with this key brings the values."""
    work.decisions.evaluations.append(
        Evaluation(
            key=key,
            expressions=control.expressions,
            due_at=work.at,
            task_run_id=run.id if run is not None else None,
            workers=work.node(run).workers if run is not None else work.flow.workers,
            extra=dict(extra or {}),
        )
    )


def values_or_wait(
    work: Work, run: TaskRun, control: Control, *, key: str, waits_for: str, extra: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """The values of control expressions; or None, and the task run waits for a worker to find them.

    `Evaluated` with this key brings them then. Raises RenderFailure.
    """
    values = rendered(work, control, run, extra)
    if values is None:
        order(work, key, control, run, extra)
        run.waits_for = waits_for
        work.touch(run)
    return values


def merged(scope: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The scope with additions; maps on both sides are joined one level deep."""
    result = dict(scope)
    for name, value in extra.items():
        known = result.get(name)
        both = isinstance(value, Mapping) and isinstance(known, Mapping)
        result[name] = {**known, **value} if both else value  # type: ignore[dict-item]  # both are maps here
    return result


def environment(work: Work) -> Environment:
    return Environment(clock=lambda: work.at, random=random.Random(work.seed), limits=LIMITS)
