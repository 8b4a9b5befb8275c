"""What purges of what namespaces keep have in common: where they look, and which versions they remove."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from plugins.contracts.dynamic import default
from plugins.contracts.pieces import Model
from plugins.contracts.properties import Property
from plugins.contracts.running import RunContext
from plugins.contracts.tasks import RunnableTask


class VersionPurge(Model):
    """Old versions: those before a date, and all but the newest so many. With both, a version must be both."""

    type: Literal["version"] = "version"
    before: str | None = None
    """Only versions made before this date."""
    keep_amount: int | None = Field(default=None, ge=1)
    """How many of the newest versions of each stay."""


class NamespacesPurge(RunnableTask):
    """A task that looks through namespaces: those named, those of a pattern, or the flow's own and those below."""

    namespaces: Property[list[str]] | None = None
    """The namespaces to look through."""
    namespace_pattern: Property[str] | None = None
    """A glob for the namespaces to look through."""
    include_child_namespaces: Property[bool] = default(True)
    """Look through the namespaces below them too."""

    def where(self, ctx: RunContext) -> Iterator[dict[str, Any]]:
        """The arguments of each call of a store's `purge` that say which namespaces are meant."""
        children = ctx.render(self.include_child_namespaces)
        if self.namespaces is not None:
            for namespace in ctx.render(self.namespaces):
                yield {"namespace": namespace, "children": children}
        elif self.namespace_pattern is not None:
            pattern = ctx.render(self.namespace_pattern)
            yield {"namespace": None, "children": True, "namespace_pattern": pattern}
        else:
            yield {"namespace": None, "children": children}
