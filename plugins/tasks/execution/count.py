"""Counting executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Model, Property, RunContext, RunnableTask, State
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, listed, whole
from plugins.contracts.services import Executions


class FlowName(Model):
    """A flow by its name."""

    namespace: str
    flow_id: str


class Count(RunnableTask):
    """Count executions of flows or of namespaces, and keep those counts for which a condition holds.

    `results` has an entry for each flow, `total` is their sum."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.Count"
    DEPRECATED: ClassVar[str] = "ask the API for executions"
    TITLE: ClassVar[str] = "Count executions"
    OUTPUTS: ClassVar[Outputs] = {
        "results": listed("A count for each flow.", {"type": "object"}),
        "total": whole("The sum of all counts."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: execution_count
namespace: company.team
tasks:
  - id: count
    type: io.kestra.plugin.core.execution.Count
    flows:
      - namespace: company.team
        flowId: execution_count
    states: [SUCCESS]
    startDate: "{{ now() | dateAdd(-1, 'DAYS') }}"
    expression: "{{ count >= 0 }}"
""",
    )

    flows: Property[list[FlowName]] = default([])
    """The flows."""
    namespaces: Property[list[str]] = default([])
    """Namespaces whose flows are all counted."""
    states: Property[list[State]] = default([])
    """Only executions in these states."""
    start_date: Property[str] | None = None
    """Only executions that began from this date on."""
    end_date: Property[str] | None = None
    """Only executions that began up to this date."""
    expression: str = "{{ true }}"
    """Which counts to keep; `count`, `namespace` and `flowId` may be used."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        flows, states, namespaces = ctx.render(self.flows), ctx.render(self.states), ctx.render(self.namespaces)
        executions: Executions = ctx.service("executions")
        counts = executions.count(
            flows=[{"namespace": flow.namespace, "flowId": flow.flow_id} for flow in flows],
            namespaces=namespaces,
            states=[state.value for state in states],
            start_date=ctx.render(self.start_date) if self.start_date is not None else None,
            end_date=ctx.render(self.end_date) if self.end_date is not None else None,
        )
        kept = [count for count in counts if str(ctx.render_any(self.expression, count)).strip() == "true"]
        return {"results": kept, "total": sum(count["count"] for count in kept)}
