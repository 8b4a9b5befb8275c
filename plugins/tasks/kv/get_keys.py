"""Listing the keys of the key-value store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, listed
from plugins.contracts.services import KeyValues


class GetKeys(RunnableTask):
    """List the keys of a namespace, all or those that begin with a prefix, as the output `keys`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.kv.GetKeys"
    TITLE: ClassVar[str] = "List keys"
    OUTPUTS: ClassVar[Outputs] = {
        "keys": listed("The keys.", {"type": "string"}),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: kv_keys
namespace: company.team
tasks:
  - id: keys
    type: io.kestra.plugin.core.kv.GetKeys
    prefix: last_
""",
    )

    prefix: Property[str] | None = None
    """What the keys begin with."""
    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace they belong to."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        prefix = ctx.render(self.prefix) if self.prefix is not None else ""
        pairs: KeyValues = ctx.service("kv")
        return {"keys": pairs.keys(namespace=ctx.render(self.namespace), prefix=prefix)}
