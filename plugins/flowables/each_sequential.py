"""EachSequential: the older name for a loop over one value at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, Task
from plugins.contracts.loop_values import loop_values
from plugins.contracts.plans import FlowableTask, Plan, Shape


class EachSequential(FlowableTask):
    """Run the tasks for one value after the other. Superseded by ForEach."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.EachSequential"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.EachSequential",)
    TITLE: ClassVar[str] = "Run tasks for one value after the other"
    DEPRECATED: ClassVar[str] = "use io.kestra.plugin.core.flow.Loop"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: one_value_at_a_time
namespace: company.team
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.EachSequential
    value: ["a", "b"]
    tasks:
      - id: show
        type: io.kestra.plugin.core.log.Log
        message: "{{ taskrun.value }}"
""",
    )

    GOES_OVER_VALUES = True

    value: Property[Any]
    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def control(self) -> Mapping[str, Any]:
        return {"value": self.value.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        return Plan(shape=Shape.LOOP, limit=1, values=loop_values(values["value"]))
