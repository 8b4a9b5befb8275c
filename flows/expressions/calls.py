"""Call a filter, function or test: arguments in place, failures turned into clear errors, taint carried on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.expressions.errors import EvaluationError, ExpressionError, ExpressionLimitError
from flows.expressions.frame import Frame
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
    except ExpressionError:
        raise
    except RecursionError:
        raise ExpressionLimitError(f"A value is nested too deep for `{operation.name}`") from None
    except FAILURES as error:
        raise EvaluationError(f"`{operation.name}` cannot work with this value: {_reason(error, arguments)}") from error
    if operation.taint is Taint.EXACT or operation.taint is Taint.DROPS:
        return result
    return _carried(frame, operation.taint, (*leading, *values, *free.values()), result)


def _reason(error: Exception, arguments: tuple[Any, ...]) -> str:
    """What went wrong, unless that could quote a secret."""
    return type(error).__name__ if is_tainted(arguments[-3:]) else str(error)[:200]


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
