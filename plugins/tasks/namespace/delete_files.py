"""Deleting files of a namespace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, files
from plugins.contracts.services import NamespaceFiles
from plugins.working_directory.files import matcher


class DeleteFiles(RunnableTask):
    """Delete the files of a namespace that match a pattern."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.namespace.DeleteFiles"
    TITLE: ClassVar[str] = "Delete namespace files"
    OUTPUTS: ClassVar[Outputs] = {
        "files": files("The addresses of the deleted files, by path."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: namespace_delete
namespace: company.team
tasks:
  - id: delete
    type: io.kestra.plugin.core.namespace.DeleteFiles
    files: ["/tmp/**"]
""",
    )

    namespace: Property[str] = default("{{ flow.namespace }}")
    """The namespace to delete from."""
    files: Property[list[str]]
    """Patterns of the files; one without a leading slash matches in every folder."""
    delete_parent_folder: Property[bool] = default(False)
    """Delete the folders that are left empty. There are none here: a folder goes with its last file."""
    error_on_missing: Property[bool] = Field(default=Property(False), json_schema_extra={"deprecated": True})
    """Fail when nothing matches."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        files: NamespaceFiles = ctx.service("files")
        namespace = ctx.render(self.namespace)
        patterns = ctx.render(self.files)
        matches = matcher(patterns, recursive=True)
        deleted = [path for path in files.list(namespace=namespace) if matches(path)]
        for path in deleted:
            files.delete(path=path, namespace=namespace)
        if not deleted and ctx.render(self.error_on_missing):
            raise PluginError("No file matches", retryable=False)
        ctx.counter("deleted", len(deleted))
        return {"files": {path: f"nsfile://{namespace}{path}" for path in deleted}}
