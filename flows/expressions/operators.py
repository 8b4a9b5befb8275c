"""What the operators do with values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flows.expressions.dates.reading import moment_of
from flows.expressions.errors import EvaluationError, ExpressionError
from flows.expressions.limits import Run
from flows.expressions.number_reading import read_double
from flows.expressions.numbers import Float32, Long, Number, as_decimal, calculate, is_number
from flows.expressions.regexes import charged
from flows.expressions.taint import TAINTED, join, plain_text, taint
from flows.expressions.text import text_of

SEQUENCES = (list, tuple, set, frozenset)
WHOLE = re.compile(r"[-+]?\d{1,19}", re.ASCII)

Operator = Callable[[Run, Any, Any], Any]


def truth(value: Any) -> bool:
    """Whether a condition holds: null, false, zero and everything empty does not."""
    if is_number(value):
        return value != 0
    if value is None or isinstance(value, bool | str | Mapping | list | tuple | set | frozenset):
        return bool(value)
    return True


def is_empty(value: Any) -> bool:
    """Null, a text of nothing but white space, an empty list or map."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, Mapping | list | tuple | set | frozenset) and not value)


def type_name(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if is_number(value):
        return "a number"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, Mapping):
        return "a map"
    return "a list" if isinstance(value, SEQUENCES) else f"a {type(value).__name__}"


def concatenate(run: Run, left: Any, right: Any) -> str:
    one, other = text_of(left, run), text_of(right, run)
    run.room_for(len(one) + len(other))
    return run.made_text(join((one, other)))


def _add(run: Run, left: Any, right: Any) -> Any:
    if isinstance(left, str) or isinstance(right, str):
        return concatenate(run, left, right)
    if isinstance(left, SEQUENCES):
        added = list(right) if isinstance(right, SEQUENCES) else [right]
        run.room_for_items(len(left) + len(added))
        return [*left, *added]
    return _arithmetic("+", left, right)


def _subtract(run: Run, left: Any, right: Any) -> Any:
    if isinstance(left, SEQUENCES):
        removed = list(right) if isinstance(right, SEQUENCES) else [right]
        run.step(len(left) * len(removed))
        return [each for each in left if not any(equal(run, each, gone) for gone in removed)]
    return _arithmetic("-", left, right)


def _arithmetic(sign: str, left: Any, right: Any) -> Any:
    """Compute with two numbers, or texts that spell one."""
    one, other = _spelt_number(left), _spelt_number(right)
    if one is None or other is None:
        raise EvaluationError(f"`{sign}` needs two numbers, not {type_name(left)} and {type_name(right)}")
    result = calculate(sign, one, other)
    return taint(result) if isinstance(left, TAINTED) or isinstance(right, TAINTED) else result


def _spelt_number(value: Any) -> Number | None:
    if is_number(value):
        return value
    if not isinstance(value, str):
        return None
    text = plain_text(value)
    try:
        return int(text) if WHOLE.fullmatch(text) else read_double(text)
    except EvaluationError:
        return None


def _arithmetic_operator(sign: str) -> Operator:
    return lambda run, left, right: _arithmetic(sign, left, right)


def negated(run: Run, value: Any) -> Any:
    """The number with the other sign; zero has none, unless it is a float."""
    number = _spelt_number(value)
    if number is None:
        raise EvaluationError(f"`-` needs a number, not {type_name(value)}")
    if isinstance(number, int):
        result: Number = Long(-number) if isinstance(number, Long) else -number
    elif isinstance(number, float):
        result = Float32(-number) if isinstance(number, Float32) else -number
    else:
        result = number.copy_negate() if number else number
    return taint(result) if isinstance(value, TAINTED) else result


def equal(run: Run, left: Any, right: Any) -> bool:
    """Numbers by value whatever their kind, booleans only with booleans, the rest like with like."""
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    run.measure(left)
    run.measure(right)
    try:
        return bool(left == right)
    except TypeError:
        return False


def compare(run: Run, left: Any, right: Any) -> int:
    """Negative, zero or positive, for two values that have an order."""
    if is_number(left) and is_number(right):
        return _numeric_order(left, right)
    pair = _ordered(left, right)
    if pair is None:
        raise EvaluationError(f"{type_name(left)} and {type_name(right)} have no order")
    return int(pair[0] > pair[1]) - int(pair[0] < pair[1])


def _numeric_order(left: Number, right: Number) -> int:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        left, right = as_decimal(left), as_decimal(right)
    return (left > right) - (left < right)


def _ordered(left: Any, right: Any) -> tuple[Any, Any] | None:
    """The two values in a form that Python compares, if there is one."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    if isinstance(left, bool) and isinstance(right, bool):
        return left, right
    for kind in (timedelta, time):
        if isinstance(left, kind) and isinstance(right, kind):
            return left, right
    if isinstance(left, date | datetime) or isinstance(right, date | datetime):
        return _moments(left, right)
    return None


def _moments(left: Any, right: Any) -> tuple[datetime, datetime] | None:
    try:
        return moment_of(left, UTC), moment_of(right, UTC)
    except ExpressionError:
        return None


def _comparison(holds: Callable[[int], bool]) -> Operator:
    def operator(run: Run, left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        return holds(compare(run, left, right))

    return operator


def contains(run: Run, left: Any, right: Any) -> bool:
    """Text in text, key in map, item in list; a list on the right asks for each of its items."""
    if left is None:
        return False
    if isinstance(left, str):
        return text_of(right, run) in left
    if not isinstance(left, Mapping | list | tuple | set | frozenset):
        raise EvaluationError(f"`contains` needs a list, a map or a text, not {type_name(left)}")
    wanted = right if isinstance(right, SEQUENCES) else [right]
    return all(_holds(run, left, each) for each in wanted)


def _holds(run: Run, left: Any, right: Any) -> bool:
    if isinstance(left, Mapping):
        return not isinstance(right, Mapping | list | tuple | set | frozenset) and right in left
    run.step(len(left))
    return any(equal(run, each, right) for each in left)


def _is_in(run: Run, left: Any, right: Any) -> bool:
    """Whether one of the items is written like the value; null is in a list that holds null."""
    if right is None:
        return False
    if not isinstance(right, SEQUENCES):
        return contains(run, right, left)
    run.step(len(right))
    if left is None:
        return any(each is None for each in right)
    text = text_of(left, run)
    return any(each is not None and text_of(each, run) == text for each in right)


def _matches(run: Run, left: Any, right: Any) -> bool:
    if left is None:
        return False
    text = plain_text(text_of(left, run))
    return charged(run, text_of(right, run), text).search(text) is not None


def span(run: Run, left: Any, right: Any) -> list[Any]:
    """`1..4` and `'a'..'d'`, both ends included; empty when the first is the greater."""
    return stepped(run, left, right, 1)


def stepped(run: Run, left: Any, right: Any, step: int) -> list[Any]:
    """Numbers or letters from one to the other, both included; raises `EvaluationError` for anything else."""
    if isinstance(left, str) and isinstance(right, str) and len(left) == len(right) == 1:
        items: list[Any] = [chr(code) for code in counted(run, ord(left), ord(right), step)]
    elif isinstance(left, int) and isinstance(right, int):
        items = [*counted(run, left, right, step)]
    else:
        raise EvaluationError(f"A range goes from number to number or letter to letter, not {type_name(left)}")
    return [*map(taint, items)] if isinstance(left, TAINTED) or isinstance(right, TAINTED) else items


def counted(run: Run, start: int, end: int, step: int) -> list[int]:
    """Whole numbers from start to end, both included."""
    if step == 0:
        raise EvaluationError("The step of a range cannot be 0")
    count = max((end - start) // step + 1, 0)
    run.room_for_items(count)
    return list(range(start, start + count * step, step))


OPERATORS: dict[str, Operator] = {
    "+": _add,
    "-": _subtract,
    "*": _arithmetic_operator("*"),
    "/": _arithmetic_operator("/"),
    "%": _arithmetic_operator("%"),
    "~": concatenate,
    "==": equal,
    "equals": equal,
    "!=": lambda run, left, right: not equal(run, left, right),
    "<": _comparison(lambda order: order < 0),
    ">": _comparison(lambda order: order > 0),
    "<=": _comparison(lambda order: order <= 0),
    ">=": _comparison(lambda order: order >= 0),
    "contains": contains,
    "isIn": _is_in,
    "matches": _matches,
    "..": span,
}
