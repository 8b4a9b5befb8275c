"""Purging old entries of the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import AuditTrail

_AT_ONCE = 5_000


class PurgeAuditLogs(RunnableTask):
    """Purge entries of the tenant's audit trail up to a date; the output `count` says how many.

    A signed tombstone stays in the place of what was purged, so that the rest can still be proved. Only flows of the
    namespaces that the operator names may do it: `system`, where nothing else is configured.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.ee.core.log.PurgeAuditLogs"
    TITLE: ClassVar[str] = "Purge audit logs"
    OUTPUTS: ClassVar[Outputs] = {"count": whole("How many entries were purged.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: audit_log_cleanup
namespace: system
tasks:
  - id: purge_audit_logs
    type: io.kestra.plugin.ee.core.log.PurgeAuditLogs
    endDate: "{{ now() | dateAdd(-1, 'MONTHS') }}"
""",
    )

    namespace: Property[str] | None = None
    """Only entries of this namespace and those below."""
    flow_id: Property[str] | None = None
    """Only entries that name this flow."""
    resources: Property[list[str]] = default([])
    """Only entries about these kinds of things; all when empty."""
    actions: Property[list[str]] = default([])
    """Only entries of these actions, such as CREATE, READ, UPDATE and DELETE; all when empty."""
    start_date: Property[str] | None = None
    """Only entries from this date on."""
    end_date: Property[str]
    """Only entries up to this date."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        count = gone = self._purge(ctx)
        while gone == _AT_ONCE and not ctx.is_killed():
            gone = self._purge(ctx)
            count += gone
        return {"count": count}

    def _purge(self, ctx: RunContext) -> int:
        trail: AuditTrail = ctx.service("audit")
        resources: list[str] = ctx.render(self.resources)
        actions: list[str] = ctx.render(self.actions)
        return trail.purge(
            end_date=ctx.render(self.end_date),
            start_date=ctx.render(self.start_date) if self.start_date is not None else None,
            namespace=ctx.render(self.namespace) if self.namespace is not None else None,
            flow_id=ctx.render(self.flow_id) if self.flow_id is not None else None,
            resources=resources,
            actions=actions,
            batch_size=_AT_ONCE,
        )
