"""How large a stored file is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import InternalStorage


class Size(RunnableTask):
    """Return the size of a stored file in bytes, as the output `size`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.Size"
    TITLE: ClassVar[str] = "Get the size of a file"
    OUTPUTS: ClassVar[Outputs] = {
        "size": whole("How many bytes there are."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_size
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: hello
  - id: size
    type: io.kestra.plugin.core.storage.Size
    uri: "{{ outputs.write.uri }}"
""",
    )

    uri: Property[str]
    """The address of the file."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        files: InternalStorage = ctx.service("storage")
        return {"size": files.size(uri=ctx.render(self.uri))}
