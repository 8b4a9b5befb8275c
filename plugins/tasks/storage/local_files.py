"""Files of a working directory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, files
from plugins.working_directory.files import put_input_files, store_output_files


class LocalFiles(RunnableTask):
    """Write files into the working directory, and keep files from it.

    It makes sense inside a WorkingDirectory, whose tasks share one."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.LocalFiles"
    DEPRECATED: ClassVar[str] = "use inputFiles and outputFiles of a WorkingDirectory or script"
    TITLE: ClassVar[str] = "Put files into the working directory, and keep them"
    OUTPUTS: ClassVar[Outputs] = {
        "uris": files("The files that were kept, by name."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_local_files
namespace: company.team
tasks:
  - id: files
    type: io.kestra.plugin.core.storage.LocalFiles
    inputs:
      hello.txt: "Hello from {{ flow.id }}"
    outputs: ["*.txt"]
""",
    )

    inputs: Property[dict[str, Any]] = default({})
    """Names and contents, or addresses of stored files."""
    outputs: Property[list[str]] = default([])
    """Patterns of the files to keep; their addresses are the output `uris`."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        files = ctx.render(self.inputs)
        put_input_files(ctx, files)
        patterns = ctx.render(self.outputs)
        return {"uris": store_output_files(ctx, ctx.workdir, patterns)}
