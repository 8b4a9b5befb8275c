"""If: one of two branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Property, Task
from plugins.contracts.outputs import Outputs, flag
from plugins.contracts.plans import FlowableTask, Plan
from plugins.contracts.truth import is_true


class If(FlowableTask):
    """Run `then` when the condition is true, `else` when it is not. Only null, "", "false", "0" and "-0" are not
    true.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.If"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.If",)
    TITLE: ClassVar[str] = "Run tasks on a condition"
    OUTPUTS: ClassVar[Outputs] = {
        "evaluationResult": flag("What the condition came to."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: on_a_condition
namespace: company.team
inputs:
  - id: night
    type: BOOLEAN
    defaults: false
tasks:
  - id: which
    type: io.kestra.plugin.core.flow.If
    condition: "{{ inputs.night }}"
    then:
      - id: evening
        type: io.kestra.plugin.core.log.Log
        message: "Good night"
    else:
      - id: morning
        type: io.kestra.plugin.core.log.Log
        message: "Good morning"
""",
    )

    condition: Property[Any]
    then: list[Task] = Field(min_length=1)
    else_: list[Task] = Field(default_factory=list, alias="else")

    def branches(self) -> Mapping[str, Sequence[Task]]:
        return {"then": self.then, "else": self.else_}

    def control(self) -> Mapping[str, Any]:
        return {"condition": self.condition.source}

    def plan(self, values: Mapping[str, Any]) -> Plan:
        holds = is_true(values["condition"])
        return Plan(branch="then" if holds else "else", outputs={"evaluationResult": holds})
