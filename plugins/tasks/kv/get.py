"""Reading a value of the key-value store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, anything
from plugins.contracts.services import KeyValues


class Get(RunnableTask):
    """Read the value of a key, with the type it was stored with, as the output `value`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.kv.Get"
    TITLE: ClassVar[str] = "Get a key-value pair"
    OUTPUTS: ClassVar[Outputs] = {
        "value": anything("The value, with the type it was stored with."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: kv_get
namespace: company.team
tasks:
  - id: set
    type: io.kestra.plugin.core.kv.Set
    key: name
    value: John
  - id: get
    type: io.kestra.plugin.core.kv.Get
    key: name
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.get.value }}"
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
        found = pairs.find(key=key, namespace=namespace)
        if found is None and ctx.render(self.error_on_missing):
            raise PluginError(
                f"No value found for key '{key}' in namespace '{namespace}' and `errorOnMissing` is set to true",
                retryable=False,
            )
        return {"value": None if found is None else found.get("value")}
