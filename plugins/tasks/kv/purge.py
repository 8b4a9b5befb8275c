"""Tidying up the key-value store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.contracts import Model, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.purging import VersionPurge
from plugins.contracts.services import KeyValues


class KeyPurge(Model):
    """Whole pairs: those whose time is over, or all."""

    type: Literal["key"] = "key"
    expired_only: bool = True
    """Only pairs whose time is over."""


class PurgeKV(RunnableTask):
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

    namespaces: Property[list[str]] | None = None
    """The namespaces to look through."""
    namespace_pattern: Property[str] | None = None
    """A glob for the namespaces to look through."""
    include_child_namespaces: Property[bool] = default(True)
    """Look through the namespaces below them too."""
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
        for where in self._where(ctx):
            size += pairs.purge(key_pattern=key_pattern, expired_only=expired_only, **where)
        return {"size": size}

    def _where(self, ctx: RunContext) -> Iterator[dict[str, Any]]:
        children = ctx.render(self.include_child_namespaces)
        if self.namespaces is not None:
            for namespace in ctx.render(self.namespaces):
                yield {"namespace": namespace, "children": children}
        elif self.namespace_pattern is not None:
            pattern = ctx.render(self.namespace_pattern)
            yield {"namespace": None, "children": True, "namespace_pattern": pattern}
        else:
            yield {"namespace": None, "children": children}
