"""Reading a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, record, whole
from plugins.contracts.services import States
from plugins.tasks.state.state_task import StateTask


class Get(StateTask):
    """Read what a flow has kept: `data` is the map, `count` how many entries it has."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.state.Get"
    TITLE: ClassVar[str] = "Get a state"
    OUTPUTS: ClassVar[Outputs] = {
        "count": whole("How many entries there are."),
        "data": record("The entries."),
    }
    DEPRECATED: ClassVar[str] = "use the key-value store"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: state_get
namespace: company.team
tasks:
  - id: get
    type: io.kestra.plugin.core.state.Get
    name: progress
""",
    )

    error_on_missing: Property[bool] = default(False)
    """Fail when there is no such state."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        place = self.place(ctx)
        states: States = ctx.service("state")
        data = states.read(**place)
        if data is None and ctx.render(self.error_on_missing):
            raise PluginError(f"There is no state `{place['name']}`", retryable=False)
        return {"count": len(data or {}), "data": data or {}}
