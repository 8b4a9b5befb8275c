"""Forgetting a state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, flag
from plugins.contracts.services import States
from plugins.tasks.state.state_task import StateTask


class Delete(StateTask):
    """Forget what a flow has kept; the output `deleted` says whether there was anything."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.state.Delete"
    TITLE: ClassVar[str] = "Delete a state"
    OUTPUTS: ClassVar[Outputs] = {
        "deleted": flag("Whether there was such a state."),
    }
    DEPRECATED: ClassVar[str] = "use the key-value store"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: state_delete
namespace: company.team
tasks:
  - id: delete
    type: io.kestra.plugin.core.state.Delete
    name: progress
""",
    )

    error_on_missing: Property[bool] = default(False)
    """Fail when there is no such state."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        place = self.place(ctx)
        states: States = ctx.service("state")
        deleted = states.delete(**place)
        if not deleted and ctx.render(self.error_on_missing):
            raise PluginError(f"There is no state `{place['name']}`", retryable=False)
        return {"deleted": deleted}
