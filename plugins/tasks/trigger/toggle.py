"""Switching a trigger."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.services import Triggers


class Toggle(RunnableTask):
    """Enable or disable a trigger of a flow."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.trigger.Toggle"
    DEPRECATED: ClassVar[str] = "switch triggers over the API"
    TITLE: ClassVar[str] = "Enable or disable a trigger"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: trigger_toggle
namespace: company.team
tasks:
  - id: toggle
    type: io.kestra.plugin.core.trigger.Toggle
    flowId: nightly
    trigger: schedule
    enabled: false
""",
    )

    namespace: Property[str] | None = None
    """The namespace of the flow; that of the running one when absent."""
    flow_id: Property[str] | None = None
    """The flow; the running one when absent."""
    trigger: Property[str]
    """The id of the trigger."""
    enabled: Property[bool] = default(False)
    """Whether it is enabled from now on."""

    def run(self, ctx: RunContext) -> None:
        triggers: Triggers = ctx.service("triggers")
        triggers.toggle(
            namespace=ctx.render(self.namespace) if self.namespace is not None else None,
            flow_id=ctx.render(self.flow_id) if self.flow_id is not None else None,
            trigger=ctx.render(self.trigger),
            enabled=ctx.render(self.enabled),
        )
