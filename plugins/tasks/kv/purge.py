"""Tidying up the key-value store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import KeyValues


class PurgeKV(RunnableTask):
    """Delete keys whose time is over, or all that match a pattern; the output `size` says how many."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.kv.PurgeKV"
    TITLE: ClassVar[str] = "Purge key-value pairs"
    OUTPUTS: ClassVar[Outputs] = {
        "size": whole("How many pairs were deleted."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: kv_purge
namespace: system
tasks:
  - id: purge
    type: io.kestra.plugin.core.kv.PurgeKV
    namespaces: [company.team]
    includeChildNamespaces: true
""",
    )

    namespaces: Property[list[str]] = default(["{{ flow.namespace }}"])
    """The namespaces to look through."""
    include_child_namespaces: Property[bool] = default(True)
    """Look through the namespaces below them too."""
    key_pattern: Property[str] | None = None
    """Only keys that match this glob."""
    expired_only: Property[bool] = default(True)
    """Only keys whose time is over."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        pairs: KeyValues = ctx.service("kv")
        size = 0
        namespaces = ctx.render(self.namespaces)
        for namespace in namespaces:
            size += pairs.purge(
                namespace=namespace,
                key_pattern=ctx.render(self.key_pattern) if self.key_pattern is not None else None,
                expired_only=ctx.render(self.expired_only),
                children=ctx.render(self.include_child_namespaces),
            )
        return {"size": size}
