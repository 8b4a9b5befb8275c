"""Sequential: tasks one after the other, kept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from plugins.contracts import Task
from plugins.contracts.plans import FlowableTask


class Sequential(FlowableTask):
    """Run tasks one after the other. Useful to give a group its own `errors` and `finally`, or a lane of a Parallel."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Sequential"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Sequential",)
    TITLE: ClassVar[str] = "Run tasks one after the other"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: one_after_the_other
namespace: company.team
tasks:
  - id: group
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: first
        type: io.kestra.plugin.core.debug.Return
        format: "{{ task.id }}"
      - id: second
        type: io.kestra.plugin.core.debug.Return
        format: "after {{ outputs.first.value }}"
""",
    )

    tasks: list[Task] = Field(min_length=1)

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"tasks": self.tasks}
