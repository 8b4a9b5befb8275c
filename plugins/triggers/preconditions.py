"""Preconditions of a Flow trigger: which upstream executions must have happened, and within which window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import re2
from pydantic import Field

from plugins.conditions.windows import TimeWindow
from plugins.contracts import ConditionFacts, Model, PluginError, Problem, State
from plugins.contracts.truth import is_true

FilterType = Literal[
    "EQUAL_TO",
    "NOT_EQUAL_TO",
    "IN",
    "NOT_IN",
    "IS_TRUE",
    "IS_FALSE",
    "IS_NULL",
    "IS_NOT_NULL",
    "STARTS_WITH",
    "ENDS_WITH",
    "REGEX",
    "CONTAINS",
]


class UpstreamFlow(Model):
    """Executions of one flow, or of a whole namespace, in certain states and with certain labels."""

    namespace: str
    flow_id: str | None = None
    states: list[State] | None = None
    labels: dict[str, str] = Field(default_factory=dict)

    def is_met(self, facts: ConditionFacts) -> bool:
        execution = facts.execution or {}
        labels: Mapping[str, Any] = execution.get("labels") or {}
        return (
            execution.get("namespace") == self.namespace
            and self.flow_id in (None, execution.get("flowId"))
            and (not self.states or execution.get("state") in self.states)
            and all(labels.get(key) == value for key, value in self.labels.items())
        )


class Filter(Model):
    """One comparison: a field of the execution, or an expression over it, with a value or a list of values."""

    field: Literal["FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"]
    type: FilterType
    value: str | None = None
    values: list[str] | None = None

    def problems(self) -> Iterable[Problem]:
        takes_many = self.type in ("IN", "NOT_IN")
        wanted, other = (self.values, self.value) if takes_many else (self.value, self.values)
        names = ("values", "value") if takes_many else ("value", "values")
        if other is not None and (takes_many or wanted is not None):
            yield Problem(f"`{names[1]}` must be null for type {self.type}", names[1])
        elif wanted is None:
            yield Problem(f"`{names[0]}` cannot be null for type {self.type}", names[0])

    def is_met(self, facts: ConditionFacts) -> bool:
        if self.field == "EXPRESSION":
            return _compare(self.type, facts.render(self.value or ""), None, self.values)
        return _compare(self.type, _field(self.field, facts), self.value, self.values)


def _field(name: str, facts: ConditionFacts) -> Any:
    key = {"FLOW_ID": "flowId", "NAMESPACE": "namespace", "STATE": "state"}[name]
    return (facts.execution or {}).get(key)


def _compare(kind: FilterType, own: Any, value: str | None, values: list[str] | None) -> bool:
    return _COMPARISONS[kind](own, value if value is not None else "", values or [])


def _matches(own: Any, pattern: str) -> bool:
    try:
        return re2.fullmatch(pattern, _text(own)) is not None
    except re2.error:
        raise PluginError(f"invalid pattern [{pattern}]", retryable=False) from None


def _text(own: Any) -> str:
    return "" if own is None else str(own)


_COMPARISONS: Mapping[str, Callable[[Any, str, list[str]], bool]] = {
    "EQUAL_TO": lambda own, value, values: _text(own) == value,
    "NOT_EQUAL_TO": lambda own, value, values: _text(own) != value,
    "IN": lambda own, value, values: _text(own) in values,
    "NOT_IN": lambda own, value, values: _text(own) not in values,
    "IS_TRUE": lambda own, value, values: is_true(own),
    "IS_FALSE": lambda own, value, values: not is_true(own),
    "IS_NULL": lambda own, value, values: own is None or own == "",
    "IS_NOT_NULL": lambda own, value, values: own is not None and own != "",
    "STARTS_WITH": lambda own, value, values: _text(own).startswith(value),
    "ENDS_WITH": lambda own, value, values: _text(own).endswith(value),
    "REGEX": lambda own, value, values: _matches(own, value),
    "CONTAINS": lambda own, value, values: value in _text(own),
}


class Where(Model):
    """Comparisons that hold together (AND) or of which one must hold (OR)."""

    id: str = Field(min_length=1)
    operand: Literal["AND", "OR"] = "AND"
    filters: list[Filter] = Field(min_length=1)

    def is_met(self, facts: ConditionFacts) -> bool:
        together = all if self.operand == "AND" else any
        return together(filter_.is_met(facts) for filter_ in self.filters)


class Preconditions(Model):
    """Everything that must have happened within the window before the flow starts."""

    id: str = Field(min_length=1)
    description: str | None = None
    flows: list[UpstreamFlow] = Field(default_factory=list)
    where: list[Where] = Field(default_factory=list)
    time_window: TimeWindow | None = None
    reset_on_success: bool = True

    def problems(self) -> Iterable[Problem]:
        seen: set[str] = set()
        for where in self.where:
            if where.id in seen:
                yield Problem(f"Duplicate preconditions filter with id [{where.id}]", "where")
            seen.add(where.id)

    @property
    def span(self) -> TimeWindow:
        return self.time_window or TimeWindow()

    @property
    def needed(self) -> frozenset[str]:
        """A name for each thing that must be met."""
        return frozenset(self._parts())

    def met_by(self, facts: ConditionFacts) -> set[str]:
        """Which of them this execution meets. Raises PluginError when one cannot be decided."""
        return {name for name, part in self._parts().items() if part.is_met(facts)}

    def _parts(self) -> dict[str, UpstreamFlow | Where]:
        flows: dict[str, UpstreamFlow | Where] = {f"flow-{index}": flow for index, flow in enumerate(self.flows)}
        return flows | {f"where-{where.id}": where for where in self.where}
