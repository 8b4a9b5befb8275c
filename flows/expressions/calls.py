"""Call a filter, function or test: arguments in place, failures turned into clear errors, taint carried on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.expressions.errors import (
    EvaluationError,
    ExpressionError,
    ExpressionLimitError,
    ExpressionSyntaxError,
    UndefinedError,
)
from flows.expressions.frame import Frame
from flows.expressions.limits import DEFAULT_LIMITS, Run
from flows.expressions.registry import Operation, Taint
from flows.expressions.taint import TAINTED, is_tainted, taint

FAILURES = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
CONTAINERS = (Mapping, list, tuple, set, frozenset)


def call(frame: Frame, operation: Operation, leading: tuple[Any, ...], positional: list[Any], named: Any) -> Any:
    """Run an operation; `leading` is the filtered or tested value, or nothing for a function."""
    frame.run.step()
    values, free = operation.bind(positional, named) if operation.parameters or positional or named else ([], {})
    arguments = (frame, *leading, *values) if operation.wants_frame else (*leading, *values)
    try:
        result = operation.run(*arguments, **free)
    except UndefinedError:
        raise
    except ExpressionError as error:
        raise _told(error, operation, (*leading, *values, *free.values())) from None
    except RecursionError:
        raise ExpressionLimitError(f"A value is nested too deep for `{operation.name}`") from None
    except FAILURES as error:
        failure = EvaluationError(f"`{operation.name}` cannot work with this value: {str(error)[:200]}")
        raise _told(failure, operation, (*leading, *values, *free.values())) from None
    if operation.taint is Taint.EXACT or operation.taint is Taint.DROPS:
        return result
    return _carried(frame, operation.taint, (*leading, *values, *free.values()), result)


def _told(error: ExpressionError, operation: Operation, arguments: tuple[Any, ...]) -> ExpressionError:
    """The error itself, or one that cannot quote a secret when there is one among the arguments."""
    if isinstance(error, ExpressionLimitError) or not any(_may_hold_secret(each) for each in arguments):
        return error
    kind = EvaluationError if isinstance(error, ExpressionSyntaxError) else type(error)
    return kind(f"`{operation.name}` failed; its arguments hold a secret, so the reason is not shown")


def _may_hold_secret(value: Any) -> bool:
    """Also true for what is too large to look through."""
    try:
        Run(DEFAULT_LIMITS).measure(value)
        return is_tainted(value)
    except ExpressionLimitError:
        return True


def _carried(frame: Frame, rule: Taint, arguments: tuple[Any, ...], result: Any) -> Any:
    if result is None or isinstance(result, bool):
        return result
    for each in arguments:
        if isinstance(each, TAINTED):
            break
        if rule is Taint.SPREADS and isinstance(each, CONTAINERS):
            frame.run.measure(each)
            if is_tainted(each):
                break
    else:
        return result
    frame.run.measure(result)
    return taint(result)
