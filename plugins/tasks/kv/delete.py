"""Removing a value from the key-value store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, flag
from plugins.contracts.services import KeyValues


class Delete(RunnableTask):
    """Remove a key; the output `deleted` says whether there was one."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.kv.Delete"
    TITLE: ClassVar[str] = "Delete a key-value pair"
    OUTPUTS: ClassVar[Outputs] = {
        "deleted": flag("Whether there was such a key."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: kv_delete
namespace: company.team
tasks:
  - id: delete
    type: io.kestra.plugin.core.kv.Delete
    key: last_run
""",
    )

    key: Property[str]
    """The key."""
    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace it belongs to."""
    error_on_missing: Property[bool] = default(False)
    """Fail when there is no such key."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        key, namespace = ctx.render(self.key), ctx.render(self.namespace)
        pairs: KeyValues = ctx.service("kv")
        deleted = pairs.delete(key=key, namespace=namespace)
        if not deleted and ctx.render(self.error_on_missing):
            raise PluginError(
                f"No value found for key '{key}' in namespace '{namespace}' and `errorOnMissing` is set to true",
                retryable=False,
            )
        return {"deleted": deleted}
