"""Publishing chosen values as outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import RunContext, RunnableTask
from plugins.contracts.outputs import Outputs, record


class OutputValues(RunnableTask):
    """Return a map of rendered values as the output `values`, for later tasks or for the outputs of the flow."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.output.OutputValues"
    TITLE: ClassVar[str] = "Output values"
    OUTPUTS: ClassVar[Outputs] = {
        "values": record("The rendered values."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: output_values
namespace: company.team
tasks:
  - id: facts
    type: io.kestra.plugin.core.output.OutputValues
    values:
      flow: "{{ flow.id }}"
      parts: ["{{ execution.id }}", b]
outputs:
  - id: flow
    type: STRING
    value: "{{ outputs.facts.values.flow }}"
""",
    )

    values: dict[str, Any] = Field(default_factory=dict)
    """Names and values, which may hold expressions however deep; what is null is left out."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        rendered: dict[str, Any] = ctx.render_any(self.values)
        return {"values": {name: value for name, value in rendered.items() if value is not None}}
