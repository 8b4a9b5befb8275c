"""What the tasks that keep a state between executions share."""

from __future__ import annotations

from typing import Any

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default


class StateTask(RunnableTask):
    """A task about one named state of a flow."""

    name: Property[str] = default("default")
    """The name of the state."""
    namespace: Property[bool] = default(False)
    """Share the state among the flows of the namespace."""
    taskrun_value: Property[bool] = default(True)
    """Keep a state of its own for each value of the loop around the task."""

    def place(self, ctx: RunContext) -> dict[str, Any]:
        """Which state is meant."""
        run = ctx.scope.get("taskrun")
        value = run.get("value") if ctx.render(self.taskrun_value) and run is not None else None
        return {"name": ctx.render(self.name), "namespace_wide": ctx.render(self.namespace), "value": value}
