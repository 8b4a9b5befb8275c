"""What a Flow trigger waits for: executions of other flows, how many of them, and within which window of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from control_plane.kernel.words.moments import parse_wall_time, zone
from plugins.conditions.windows import TimeWindow
from plugins.contracts import ConditionFacts, Model, Problem, State
from plugins.contracts.truth import is_true

Mode = Literal["ALL", "ANY", "AT_LEAST"]


class Dependency(Model):
    """Executions of a flow or of a namespace, in certain states and with certain labels, for which `when` holds."""

    namespace: str | None = None
    flow_id: str | None = None
    states: list[State] | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    when: str | None = None

    def is_about(self, execution: Mapping[str, Any]) -> bool:
        """Whether it names the flow of the execution, or all."""
        return self.namespace in (None, execution.get("namespace")) and self.flow_id in (None, execution.get("flowId"))

    def is_met(self, facts: ConditionFacts) -> bool:
        execution = facts.execution or {}
        labels: Mapping[str, Any] = execution.get("labels") or {}
        return (
            self.is_about(execution)
            and (not self.states or execution.get("state") in self.states)
            and all(labels.get(key) == value for key, value in self.labels.items())
            and (self.when is None or is_true(facts.render(self.when)))
        )


class Window(Model):
    """A window of time: one after the other (`every`, moved by `offset`), so far back from now (`lookback`), between
    two times of a day (`from`, `to`), or up to one (`deadline`)."""

    every: Duration | None = None
    offset: Duration | None = None
    lookback: Duration | None = None
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None
    deadline: str | None = None
    timezone: str | None = None

    def problems(self) -> Iterable[Problem]:
        kinds = [self.every is not None, self.lookback is not None, self.is_daily, self.deadline is not None]
        if sum(kinds) != 1:
            yield Problem("must be one of `every`, `lookback`, `from` with `to`, or `deadline`")
        if self.offset is not None and self.every is None:
            yield Problem("needs `every`", "offset")
        if self.is_daily and (self.from_ is None or self.to is None):
            yield Problem("`from` and `to` need each other", "from")
        for name, text in (("from", self.from_), ("to", self.to), ("deadline", self.deadline)):
            yield from _problem_of(name, text, parse_wall_time)
        yield from _problem_of("timezone", self.timezone, zone)

    @property
    def is_daily(self) -> bool:
        return self.from_ is not None or self.to is not None

    @property
    def span(self) -> TimeWindow:
        if self.lookback is not None:
            return TimeWindow(type="SLIDING_WINDOW", window=self.lookback)
        if self.deadline is not None:
            return TimeWindow(type="DAILY_TIME_DEADLINE", deadline=self.deadline)
        if self.is_daily:
            return TimeWindow(type="DAILY_TIME_WINDOW", start_time=self.from_, end_time=self.to)
        return TimeWindow(type="DURATION_WINDOW", window=self.every, window_advance=self.offset)


class Dependencies(Model):
    """Several dependencies of which so many must be met within one window. Without one, within a day."""

    id: str = "dependsOn"
    dependencies: list[Dependency] = Field(default_factory=list)
    window: Window | None = None
    mode: Mode = "ALL"
    min_satisfied: int | None = None

    @property
    def span(self) -> TimeWindow:
        return self.window.span if self.window is not None else TimeWindow()

    @property
    def needed(self) -> frozenset[str]:
        """A name for each dependency."""
        return frozenset(self._parts())

    @property
    def least(self) -> int:
        """How many of them are enough."""
        count = len(self.dependencies)
        if self.mode == "ALL":
            return count
        return min(count, 1 if self.mode == "ANY" else self.min_satisfied or 1)

    def met_by(self, facts: ConditionFacts) -> set[str]:
        """Which of them this execution meets. Raises PluginError when one cannot be decided."""
        return {name for name, each in self._parts().items() if each.is_met(facts)}

    def _parts(self) -> dict[str, Dependency]:
        return {f"flow-{index}": each for index, each in enumerate(self.dependencies)}


def _problem_of(name: str, text: str | None, read: Any) -> Iterable[Problem]:
    try:
        read(text) if text is not None else None
    except ValueError as error:
        yield Problem(str(error), name)
