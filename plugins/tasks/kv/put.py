"""The plain way to write a value to the key-value store."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.services import KeyValues
from plugins.tasks.kv.set import stored


class Put(RunnableTask):
    """Store a value under a key of a namespace, replacing what was there. Set has more to choose from."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.kv.Put"
    TITLE: ClassVar[str] = "Put a key-value pair"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: kv_put
namespace: company.team
tasks:
  - id: put
    type: io.kestra.plugin.core.kv.Put
    key: last_flow
    value: "{{ flow.id }}"
""",
    )

    key: Property[str]
    """The key."""
    value: Property[Any]
    """The value: a text, or whatever an expression gives."""
    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace it belongs to."""
    error_on_missing: Property[bool] = default(False)
    """Without effect: a key that is missing is made."""

    def run(self, ctx: RunContext) -> None:
        pairs: KeyValues = ctx.service("kv")
        pairs.put(key=ctx.render(self.key), value=stored(ctx, self.value), namespace=ctx.render(self.namespace))
