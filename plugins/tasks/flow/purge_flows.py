"""Deleting old revisions of flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import Model, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import Flows

_AT_ONCE = 5_000


class RevisionPurge(Model):
    """Which revisions are old."""

    before: str | None = None
    """Only revisions made before this date."""
    keep_amount: int | None = Field(default=None, ge=1)
    """How many of the newest revisions of each flow stay."""


class PurgeFlows(RunnableTask):
    """Delete old revisions of flows; the output `size` says how many.

    The latest revision, the one that runs now, and those that running executions were started with always stay.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.PurgeFlows"
    TITLE: ClassVar[str] = "Purge revisions of flows"
    OUTPUTS: ClassVar[Outputs] = {"size": whole("How many revisions were deleted.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: flow_purge
namespace: system
tasks:
  - id: purge
    type: io.kestra.plugin.core.flow.PurgeFlows
    namespace: system
    behavior:
      keepAmount: 10
""",
    )

    namespace: Property[str] | None = None
    """The namespace to look through, with those below it; that of the flow when it is not said."""
    flow_id: Property[str] | None = None
    """Only this flow of the namespace."""
    behavior: Property[RevisionPurge] = default({"keepAmount": 1})
    """Which revisions are deleted."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        behavior = ctx.render(self.behavior)
        before = ctx.render_any(behavior.before) if behavior.before is not None else None
        flows: Flows = ctx.service("flows")
        size = gone = 0
        while not ctx.is_killed():
            gone = flows.purge_revisions(
                namespace=ctx.render(self.namespace) if self.namespace is not None else None,
                flow_id=ctx.render(self.flow_id) if self.flow_id is not None else None,
                before=before,
                keep=behavior.keep_amount,
            )
            size += gone
            if gone < _AT_ONCE:
                break
        return {"size": size}
