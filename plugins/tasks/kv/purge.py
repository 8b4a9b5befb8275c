"""Tidying up the key-value store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.contracts import Model, Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.purging import NamespacesPurge, VersionPurge
from plugins.contracts.services import KeyValues


class KeyPurge(Model):
    """Whole pairs: those whose time is over, or all."""

    type: Literal["key"] = "key"
    expired_only: bool = True
    """Only pairs whose time is over."""


class PurgeKV(NamespacesPurge):
    """Delete keys whose time is over, or all that match a pattern; the output `size` says how many.

    Without `namespaces` and `namespacePattern` it looks through all that the flow may change: its own namespace and
    those below. Of a pair only the present version is kept, so that a purge of old versions finds none.
    """

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
    namespacePattern: "system.*"
    behavior:
      type: key
      expiredOnly: true
""",
    )

    key_pattern: Property[str] | None = None
    """Only keys that match this glob."""
    behavior: Property[KeyPurge | VersionPurge] = default({"type": "key", "expiredOnly": True})
    """What is deleted: pairs (`type: key`) or their old versions (`type: version`)."""
    expired_only: Property[bool] | None = Field(default=None, json_schema_extra={"deprecated": True})
    """Use `behavior.expiredOnly`."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        behavior: KeyPurge | VersionPurge = ctx.render(self.behavior)
        if isinstance(behavior, VersionPurge):
            return {"size": 0}
        expired_only = behavior.expired_only if self.expired_only is None else ctx.render(self.expired_only)
        pairs: KeyValues = ctx.service("kv")
        key_pattern = ctx.render(self.key_pattern) if self.key_pattern is not None else None
        size = 0
        for where in self.where(ctx):
            size += pairs.purge(key_pattern=key_pattern, expired_only=expired_only, **where)
        return {"size": size}
