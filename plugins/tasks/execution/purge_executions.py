"""Deleting old executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask, State
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import Executions


class PurgeExecutions(RunnableTask):
    """Delete ended executions with their logs, metrics and files."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.PurgeExecutions"
    TITLE: ClassVar[str] = "Purge executions"
    OUTPUTS: ClassVar[Outputs] = {
        "executionsCount": whole("How many executions were deleted."),
        "logsCount": whole("How many lines were deleted."),
        "metricsCount": whole("How many figures were deleted."),
        "storagesCount": whole("How many files were deleted."),
        "executionOutputsCount": whole("Always 0: outputs are deleted with their executions."),
        "taskOutputsCount": whole("Always 0: outputs are deleted with their executions."),
    }
    ALIASES: ClassVar[tuple[str, ...]] = ("io.kestra.plugin.core.storage.Purge",)
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: execution_purge
namespace: system
tasks:
  - id: purge
    type: io.kestra.plugin.core.execution.PurgeExecutions
    endDate: "{{ now() | dateAdd(-1, 'MONTHS') }}"
    purgeLog: false
""",
    )

    namespace: Property[str] | None = None
    """Only executions of this flow's namespace or, without a flow, of this namespace and those below it."""
    flow_id: Property[str] | None = None
    """Only executions of this flow."""
    start_date: Property[str] | None = None
    """Only executions that began from this date on."""
    end_date: Property[str]
    """Only executions that began up to this date."""
    states: Property[list[State]] = default([])
    """Only executions in these states; all ended ones when empty."""
    purge_execution: Property[bool] = default(True)
    """Delete the executions themselves."""
    purge_log: Property[bool] = default(True)
    """Delete their logs."""
    purge_metric: Property[bool] = default(True)
    """Delete their metrics."""
    purge_storage: Property[bool] = default(True)
    """Delete their files."""
    batch_size: Property[int] = default(100)
    """How many to delete at once."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        counts: dict[str, Any] = {"executionOutputsCount": 0, "taskOutputsCount": 0}
        batch: dict[str, Any] | None = {}
        while batch is not None and not ctx.is_killed():
            found = dict(self._purge(ctx, batch))
            following = found.pop("next", None)
            batch = None if following is None else {"after": following}
            counts |= {name: counts.get(name, 0) + count for name, count in found.items()}
        return counts

    def _purge(self, ctx: RunContext, after: Mapping[str, Any]) -> Mapping[str, Any]:
        """One batch; `next` says where the following one begins."""
        executions: Executions = ctx.service("executions")
        return executions.purge(
            **after,
            namespace=ctx.render(self.namespace) if self.namespace is not None else None,
            flow_id=ctx.render(self.flow_id) if self.flow_id is not None else None,
            start_date=ctx.render(self.start_date) if self.start_date is not None else None,
            end_date=ctx.render(self.end_date),
            states=[state.value for state in ctx.render(self.states)],
            executions=ctx.render(self.purge_execution),
            logs=ctx.render(self.purge_log),
            metrics=ctx.render(self.purge_metric),
            storage=ctx.render(self.purge_storage),
            batch_size=ctx.render(self.batch_size),
        )
