"""The checks of a flow: conditions that must hold before an execution of it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from executions.engine.compiled import CompiledFlow
from executions.engine.records import Execution
from executions.engine.scope import scope_at_start
from flows.expressions import Environment
from flows.expressions import compile as compile_expression
from flows.expressions.errors import ExpressionError
from plugins.contracts.truth import is_true

Behavior = Literal["BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION"]
_STRONGEST: tuple[Behavior, ...] = ("BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION")


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """A check that does not hold, and what it wants to become of the execution."""

    message: str
    style: str
    behavior: Behavior


def failed_checks(flow: CompiledFlow, execution: Execution, environment: Environment) -> list[FailedCheck]:
    """The checks that do not hold for an execution about to begin. One that cannot be rendered does not hold either.

    Write nothing for BLOCK_EXECUTION; feed `Created(failed_check=...)` for FAIL_EXECUTION; CREATE_EXECUTION only tells.
    """
    scope = {"inputs": {}, **scope_at_start(flow, execution)}
    failed: list[FailedCheck] = []
    for check in flow.flow.checks:
        try:
            holds = is_true(compile_expression(check.expression or "").evaluate(scope, environment))
            message = check.message
        except ExpressionError as error:
            holds, message = False, f"Failed to evaluate check condition. Cause: {error}"
        if not holds:
            failed.append(FailedCheck(message, check.style, check.behavior))
    return failed


def blocked(failed: Sequence[FailedCheck]) -> str:
    """What is said to whoever may not start an execution."""
    reasons = ", ".join(check.message for check in failed if check.behavior == "BLOCK_EXECUTION")
    return f"Flow execution blocked: one or more condition checks evaluated to false.\nFailed checks: {reasons}"


def strongest(failed: Sequence[FailedCheck]) -> FailedCheck | None:
    """The one that decides: blocking before failing before telling; the first of its kind."""
    return min(failed, key=lambda check: _STRONGEST.index(check.behavior), default=None)
