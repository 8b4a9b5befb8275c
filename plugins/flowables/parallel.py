"""Parallel: tasks beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, Task
from plugins.contracts.plans import FlowableTask, OnChildFailure, Plan, Shape, as_count


class Parallel(FlowableTask):
    """Run tasks beside each other, at most `concurrent` at once (0: all). After a failure no further one is begun.

    `onChildFailure` says what becomes of those that run then: FAIL and CANCEL end them at once, CONTINUE lets them end.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Parallel"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Parallel",)
    TITLE: ClassVar[str] = "Run tasks in parallel"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: beside_each_other
namespace: company.team
tasks:
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    concurrent: 2
    tasks:
      - id: left
        type: io.kestra.plugin.core.log.Log
        message: "left"
      - id: right
        type: io.kestra.plugin.core.log.Log
        message: "right"
""",
    )

    concurrent: Property[int] = Property(0)
    on_child_failure: OnChildFailure = "FAIL"
    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}

    def control(self) -> Mapping[str, Any]:
        return {"concurrent": self.concurrent.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        return Plan(
            shape=Shape.FAN, limit=as_count(values["concurrent"], "concurrent"), on_failure=self.on_child_failure
        )
