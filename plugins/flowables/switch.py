"""Switch: one branch out of many, by a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import model_validator

from plugins.contracts import Property, Task
from plugins.contracts.outputs import Outputs, flag, text
from plugins.contracts.plans import FlowableTask, Plan

_CASE = "cases."


class Switch(FlowableTask):
    """Run the tasks of the case that equals the value, else `defaults`; fail when there is neither."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Switch"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Switch",)
    TITLE: ClassVar[str] = "Run tasks by the value of an expression"
    OUTPUTS: ClassVar[Outputs] = {
        "defaults": flag("Whether no case fitted."),
        "value": text("The value that chose."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: by_value
namespace: company.team
inputs:
  - id: colour
    type: STRING
    defaults: red
tasks:
  - id: which
    type: io.kestra.plugin.core.flow.Switch
    value: "{{ inputs.colour }}"
    cases:
      red:
        - id: stop
          type: io.kestra.plugin.core.log.Log
          message: "Stop"
    defaults:
      - id: go
        type: io.kestra.plugin.core.log.Log
        message: "Go"
""",
    )

    value: Property[Any]
    cases: dict[str, list[Task]] | None = None
    defaults: list[Task] | None = None

    @model_validator(mode="after")
    def _has_somewhere_to_go(self) -> Switch:
        if not self.cases and not self.defaults:
            raise ValueError("No task defined, neither cases or default have any tasks")
        return self

    def branches(self) -> Mapping[str, Sequence[Task]]:
        named = {_CASE + name: tasks for name, tasks in (self.cases or {}).items()}
        return {**named, "defaults": self.defaults or []}

    def control(self) -> Mapping[str, Any]:
        return {"value": self.value.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        value = _text(values["value"])
        matches = value in (self.cases or {})
        branch = _CASE + value if matches else "defaults"
        outputs = {"value": value, "defaults": not matches}
        return Plan(branch=branch, outputs=outputs, is_dead_end=not matches and self.defaults is None)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
