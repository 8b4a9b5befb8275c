"""Deleting old versions of namespace files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.purging import NamespacesPurge, VersionPurge
from plugins.contracts.services import NamespaceFiles


class PurgeFiles(NamespacesPurge):
    """Delete old versions of namespace files; the output `size` says how many.

    `behavior.keepAmount` keeps the newest versions of each file, `behavior.before` deletes what was written before a
    date; a file goes with its last version. Without `namespaces` and `namespacePattern` it looks through the flow's own
    namespace and those below.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.namespace.PurgeFiles"
    TITLE: ClassVar[str] = "Purge namespace files"
    OUTPUTS: ClassVar[Outputs] = {"size": whole("How many versions were deleted.")}
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: namespace_purge
namespace: company.team
tasks:
  - id: purge
    type: io.kestra.plugin.core.namespace.PurgeFiles
    filePattern: "/tmp/**"
    behavior:
      type: version
      before: "{{ now() | dateAdd(-1, 'MONTHS') }}"
""",
    )

    file_pattern: Property[str] | None = None
    """A pattern of the files; one without a leading slash matches in every folder."""
    behavior: Property[VersionPurge] = default({"type": "version", "keepAmount": 1})
    """Which versions are deleted."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        behavior = ctx.render(self.behavior)
        what: dict[str, Any] = {
            "pattern": ctx.render(self.file_pattern) if self.file_pattern is not None else None,
            "before": ctx.render_any(behavior.before) if behavior.before is not None else None,
            "keep": behavior.keep_amount,
        }
        files: NamespaceFiles = ctx.service("files")
        return {"size": sum(files.purge(**where, **what) for where in self.where(ctx))}
