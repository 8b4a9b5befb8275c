"""Keeping a text as a file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address


class Write(RunnableTask):
    """Write a text to a file of the internal storage; its address is the output `uri`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.Write"
    TITLE: ClassVar[str] = "Write a text to a file"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("Address of the file."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_write
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: "Hello from {{ flow.id }}"
    extension: .txt
""",
    )

    content: Property[str]
    """The text."""
    extension: Property[str] = default("")
    """What the name of the file ends with, such as `.txt`."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        content = ctx.render(self.content).encode()
        return {"uri": ctx.store(io.BytesIO(content), f"file{ctx.render(self.extension)}")}
