"""Deleting files that executions have left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import InternalStorage


class PurgeStorage(RunnableTask):
    """Delete files in the internal storage whose execution is no more. A dry run, as it is at first, only counts.

    Files of executions that are still there are deleted by PurgeExecutions.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.PurgeStorage"
    TITLE: ClassVar[str] = "Purge the internal storage"
    OUTPUTS: ClassVar[Outputs] = {
        "scannedCount": whole("How many executions' files were looked at."),
        "purgedCount": whole("How many of these executions are no more."),
        "deletedFilesCount": whole("How many files were deleted."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_purge
namespace: system
tasks:
  - id: purge
    type: io.kestra.plugin.core.storage.PurgeStorage
    endDate: "{{ now() | dateAdd(-1, 'MONTHS') }}"
    dryRun: false
""",
    )

    namespace: Property[str] | None = None
    """The namespace to look through, with those below it; that of the flow when it is not said."""
    flow_id: Property[str] | None = None
    """Only files of this flow."""
    start_date: Property[str] | None = None
    """Only files changed from this date on."""
    end_date: Property[str]
    """Only files changed up to this date."""
    dry_run: Property[bool] = default(True)
    """Delete nothing, only count."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        counts: dict[str, Any] = dict.fromkeys(self.OUTPUTS, 0)
        batch: dict[str, Any] | None = {}
        while batch is not None and not ctx.is_killed():
            found = dict(self._purge(ctx, batch))
            following = found.pop("next", None)
            batch = None if following is None else {"after": following}
            counts = {name: counts[name] + found.get(name, 0) for name in counts}
        return counts

    def _purge(self, ctx: RunContext, after: Mapping[str, Any]) -> Mapping[str, Any]:
        """One batch; `next` says where the following one begins."""
        files: InternalStorage = ctx.service("storage")
        return files.purge_orphans(
            **after,
            namespace=ctx.render(self.namespace) if self.namespace is not None else None,
            flow_id=ctx.render(self.flow_id) if self.flow_id is not None else None,
            start_date=ctx.render(self.start_date) if self.start_date is not None else None,
            end_date=ctx.render(self.end_date),
            dry_run=ctx.render(self.dry_run),
        )
