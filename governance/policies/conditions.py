"""Conditions on properties: when a rule looks at a flow or a plugin at all, and what a property must be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from governance.policies.paths import MISSING, is_path, read

MOST = 50
LONGEST_PATTERN = 1000


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` is a path in what is looked at; one that begins with `flow.` is one in the flow around it."""

    field: str
    operator: str
    value: Any = None

    def holds(self, document: Any, flow: Any) -> bool:
        is_of_flow = self.field.startswith("flow.")
        found = read(flow, self.field.removeprefix("flow.")) if is_of_flow else read(document, self.field)
        return _OPERATORS[self.operator](None if found is MISSING else found, self.value)


def read_conditions(said: Any) -> tuple[Condition, ...]:
    """Raises ValueError with a sentence for people."""
    if said is None:
        return ()
    if not isinstance(said, list) or len(said) > MOST:
        raise ValueError(f"`where` must be a list of at most {MOST} conditions")
    return tuple(_condition(each) for each in said)


def matches(conditions: Sequence[Condition], document: Any, flow: Any) -> bool:
    return all(condition.holds(document, flow) for condition in conditions)


def _condition(said: Any) -> Condition:
    if not isinstance(said, Mapping) or not isinstance(said.get("field"), str) or not is_path(said["field"]):
        raise ValueError("a condition needs a `field`, which is the path of a property")
    operator = str(said.get("operator"))
    if operator not in _OPERATORS:
        raise ValueError(f"`operator` must be one of {', '.join(sorted(_OPERATORS))}")
    value = said.get("value")
    if operator in ("IN", "NOT_IN") and not isinstance(value, list):
        raise ValueError(f"{operator} needs a list as its `value`")
    if operator == "REGEX":
        check_pattern(value)
    return Condition(said["field"], operator, value)


def check_pattern(pattern: Any) -> None:
    """Raises ValueError for what is no pattern."""
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"a pattern must be a text of at most {LONGEST_PATTERN} characters")
    try:
        re2.compile(pattern)
    except re2.error as error:
        raise ValueError(f"`{pattern[:100]}` is no pattern: {error}") from None


def fits(pattern: str, text: str) -> bool:
    """Whether the whole text fits it."""
    return re2.fullmatch(pattern, text) is not None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(found: Any, value: Any) -> bool:
        numbers = _number(found), _number(value)
        if None not in numbers:
            return compare(*numbers)
        return isinstance(found, str) and isinstance(value, str) and compare(found, value)

    return holds


def _contains(found: Any, value: Any) -> bool:
    if isinstance(found, str):
        return str(value) in found
    return value in found if isinstance(found, list | dict) else False


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQUAL_TO": lambda found, value: found == value,
    "NOT_EQUAL_TO": lambda found, value: found != value,
    "IN": lambda found, value: found in value,
    "NOT_IN": lambda found, value: found not in value,
    "CONTAINS": _contains,
    "STARTS_WITH": lambda found, value: isinstance(found, str) and found.startswith(str(value)),
    "ENDS_WITH": lambda found, value: isinstance(found, str) and found.endswith(str(value)),
    # A dotted name and all below it.
    "PREFIX": lambda found, value: isinstance(found, str) and (found == value or found.startswith(f"{value}.")),
    "REGEX": lambda found, value: isinstance(found, str) and fits(value, found),
    "IS_NULL": lambda found, value: found is None,
    "IS_NOT_NULL": lambda found, value: found is not None,
    "IS_TRUE": lambda found, value: found in (True, "true"),
    "IS_FALSE": lambda found, value: found in (False, "false"),
    "GREATER_THAN": _ordered(lambda found, value: found > value),
    "GREATER_THAN_OR_EQUAL_TO": _ordered(lambda found, value: found >= value),
    "LESS_THAN": _ordered(lambda found, value: found < value),
    "LESS_THAN_OR_EQUAL_TO": _ordered(lambda found, value: found <= value),
}
