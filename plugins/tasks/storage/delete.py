"""Deleting a stored file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, flag
from plugins.contracts.services import InternalStorage


class Delete(RunnableTask):
    """Delete a stored file; the output `deleted` says whether there was one."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.Delete"
    TITLE: ClassVar[str] = "Delete a file"
    OUTPUTS: ClassVar[Outputs] = {
        "deleted": flag("Whether there was such a file."),
        "uri": address("The address."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_delete
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: hello
  - id: delete
    type: io.kestra.plugin.core.storage.Delete
    uri: "{{ outputs.write.uri }}"
""",
    )

    uri: Property[str]
    """The address of the file."""
    error_on_missing: Property[bool] = default(False)
    """Fail when there is no such file."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        uri = ctx.render(self.uri)
        files: InternalStorage = ctx.service("storage")
        deleted = files.delete(uri=uri)
        if not deleted and ctx.render(self.error_on_missing):
            raise PluginError(f"Unable to find file '{uri}'", retryable=False)
        return {"uri": uri, "deleted": deleted}
