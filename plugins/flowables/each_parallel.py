"""EachParallel: the older name for a loop over all values at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, Task
from plugins.contracts.loop_values import loop_values
from plugins.contracts.plans import FlowableTask, Plan, Shape, as_count


class EachParallel(FlowableTask):
    """Run every task for every value, all beside each other, at most `concurrent` at once. Superseded by ForEach."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.EachParallel"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.EachParallel",)
    TITLE: ClassVar[str] = "Run tasks for all values in parallel"
    DEPRECATED: ClassVar[str] = "use io.kestra.plugin.core.flow.Loop"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: all_values_at_once
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.EachParallel
    value: '["a", "b"]'
    tasks:
      - id: show
        type: io.kestra.plugin.core.log.Log
        message: "{{ taskrun.value }}"
""",
    )

    GOES_OVER_VALUES = True

    value: Property[Any]
    concurrent: Property[int] = Property(0)
    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def control(self) -> Mapping[str, Any]:
        return {"value": self.value.source, "concurrent": self.concurrent.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        limit = as_count(values["concurrent"], "concurrent")
        return Plan(shape=Shape.LOOP_FAN, limit=limit, values=loop_values(values["value"]))
