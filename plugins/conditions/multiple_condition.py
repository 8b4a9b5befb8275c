"""MultipleCondition: several things have happened within one window of time."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from plugins.conditions.windows import TimeWindow
from plugins.contracts import Condition, ConditionFacts


class MultipleCondition(Condition):
    """True once each of its named conditions has held within the window; then, with `resetOnSuccess`, it starts anew.

    Each execution that meets one of them is remembered. Only triggers of type Flow may use it.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.MultipleCondition"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.MultipleCondition",
        "io.kestra.core.models.conditions.types.MultipleConditionCondition",
    )
    TITLE: ClassVar[str] = "Several things within a window of time"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_both
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - id: both
        type: io.kestra.plugin.core.condition.MultipleCondition
        window: P1D
        windowAdvance: P0D
        conditions:
          first:
            type: io.kestra.plugin.core.condition.ExecutionFlow
            namespace: company.team
            flowId: first
          second:
            type: io.kestra.plugin.core.condition.ExecutionFlow
            namespace: company.team
            flowId: second
""",
    )

    id: str = Field(min_length=1)
    description: str | None = None
    window: Duration | None = None
    window_advance: Duration | None = None
    time_window: TimeWindow | None = None
    reset_on_success: bool = True
    conditions: dict[str, Condition] = Field(min_length=1)

    @property
    def span(self) -> TimeWindow:
        """The window, by either spelling."""
        return self.time_window or TimeWindow(window=self.window, window_advance=self.window_advance)

    def met_by(self, facts: ConditionFacts) -> set[str]:
        """Which of the named conditions these facts meet."""
        return {name for name, condition in self.conditions.items() if condition.holds(facts)}

    def holds(self, facts: ConditionFacts) -> bool:
        return self.met_by(facts) | set(facts.multiple(self.id)) >= set(self.conditions)
