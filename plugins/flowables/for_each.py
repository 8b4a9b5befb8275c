"""ForEach: the same tasks for every value of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, Task
from plugins.contracts.loop_values import loop_values
from plugins.contracts.plans import FlowableTask, Plan, Shape, as_count


class ForEach(FlowableTask):
    """Run the tasks once for each value: `{{ taskrun.value }}`, `{{ taskrun.iteration }}`.

    The tasks of one value run one after the other; `concurrencyLimit` values are worked on at once (1 by default,
    0: all).
    A value that is no text is given as its JSON.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.ForEach"
    DEPRECATED: ClassVar[str] = "use io.kestra.plugin.core.flow.Loop"
    TITLE: ClassVar[str] = "Run tasks for each value of a list"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: for_each_region
namespace: company.team
tasks:
  - id: regions
    type: io.kestra.plugin.core.flow.ForEach
    values: ["north", "south"]
    concurrencyLimit: 2
    tasks:
      - id: greet
        type: io.kestra.plugin.core.debug.Return
        format: "Hello {{ taskrun.value }}"
  - id: show
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.greet['north'].value }}"
""",
    )

    GOES_OVER_VALUES = True

    values: Property[Any]
    concurrency_limit: Property[int] = Property(1)
    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def control(self) -> Mapping[str, Any]:
        return {"values": self.values.source, "concurrencyLimit": self.concurrency_limit.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        limit = as_count(values["concurrencyLimit"], "concurrencyLimit")
        return Plan(shape=Shape.LOOP, limit=limit, values=loop_values(values["values"]))
