"""Subflow: another flow as a task."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts.outputs import Outputs, record, text
from plugins.flowables.child_flow import ChildFlowTask


class Subflow(ChildFlowTask):
    """Start an execution of another flow, and wait for its end unless `wait` is false.

    Outputs: `executionId`, `state` and, when it ended, `outputs`: those the other flow declares. `transmitFailed` lets
    its failure, kill or warning become the task's own.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Subflow"
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.flows.Subflow", "io.kestra.core.tasks.flows.Flow")
    TITLE: ClassVar[str] = "Run another flow"
    OUTPUTS: ClassVar[Outputs] = {
        "executionId": text("The execution that was started."),
        "state": text("The state it ended in, when it was waited for."),
        "outputs": record("The outputs of its flow."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: parent
namespace: company.team
tasks:
  - id: child
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: child
    wait: true
    transmitFailed: true
    inputs:
      greeting: "Hello"
""",
    )

    outputs: dict[str, Any] | None = Field(
        default=None,
        description="Older way to choose outputs, of a flow that declares none: declare them in the flow.",
        json_schema_extra={"deprecated": True},
    )
