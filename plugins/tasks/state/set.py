"""Writing a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, text, whole
from plugins.contracts.services import States
from plugins.tasks.state.state_task import StateTask


class Set(StateTask):
    """Merge entries into what a flow keeps between its executions."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.state.Set"
    TITLE: ClassVar[str] = "Set a state"
    OUTPUTS: ClassVar[Outputs] = {
        "count": whole("How many entries there are."),
        "key": text("The name of the state."),
        "uri": text("Where it is kept."),
    }
    DEPRECATED: ClassVar[str] = "use the key-value store"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: state_set
namespace: company.team
tasks:
  - id: set
    type: io.kestra.plugin.core.state.Set
    name: progress
    data:
      last: "{{ execution.startDate }}"
""",
    )

    data: Property[dict[str, Any]] = default({})
    """The entries to merge."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        place = self.place(ctx)
        states: States = ctx.service("state")
        added = ctx.render(self.data)
        merged = {**(states.read(**place) or {}), **added}
        uri = states.write(data=merged, **place)
        return {"count": len(merged), "key": place["name"], "uri": uri}
