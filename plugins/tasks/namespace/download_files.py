"""Reading files of a namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, files
from plugins.contracts.services import NamespaceFiles
from plugins.working_directory.files import matcher


class DownloadFiles(RunnableTask):
    """Copy files of a namespace into the internal storage; the output `files` has their addresses by path."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.namespace.DownloadFiles"
    TITLE: ClassVar[str] = "Download namespace files"
    OUTPUTS: ClassVar[Outputs] = {
        "files": files("The addresses of the files, by path."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: namespace_download
namespace: company.team
tasks:
  - id: download
    type: io.kestra.plugin.core.namespace.DownloadFiles
    files: ["**.sql"]
""",
    )

    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace to read from."""
    files: Property[list[str]]
    """Patterns of the files; one without a leading slash matches in every folder."""
    destination: Property[str] = default("")
    """A folder that is put before each path in the output."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        files: NamespaceFiles = ctx.service("files")
        namespace, prefix = ctx.render(self.namespace), ctx.render(self.destination).rstrip("/")
        patterns = ctx.render(self.files)
        matches = matcher(patterns, recursive=True)
        kept: dict[str, str] = {}
        for path in files.list(namespace=namespace):
            if matches(path):
                with files.open(path=path, namespace=namespace) as source:
                    kept[f"{prefix}{path}"] = ctx.store(source, path.lstrip("/"))
        return {"files": kept}
