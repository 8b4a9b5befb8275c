"""Joining stored files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address
from plugins.tasks.storage.stored_files import addresses_of, keep, new_file, open_file


class Concat(RunnableTask):
    """Join files into one, in the order given; the separator is written after each, the last included."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.Concat"
    TITLE: ClassVar[str] = "Concatenate files"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The joined file."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_concat
namespace: company.team
tasks:
  - id: one
    type: io.kestra.plugin.core.storage.Write
    content: one
  - id: two
    type: io.kestra.plugin.core.storage.Write
    content: two
  - id: both
    type: io.kestra.plugin.core.storage.Concat
    files: ["{{ outputs.one.uri }}", "{{ outputs.two.uri }}"]
    separator: "\\n"
    extension: .txt
""",
    )

    files: Any
    """Addresses of the files: a list, a map, or an expression that gives either."""
    separator: Property[str] = default("")
    """A text written after each file."""
    extension: Property[str] = default(".tmp")
    """What the name of the new file ends with."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        separator = ctx.render(self.separator).encode()
        with new_file(ctx) as target:
            for uri in addresses_of(ctx, self.files):
                with open_file(ctx, uri) as source:
                    shutil.copyfileobj(source, target, 1 << 20)
                target.write(separator)
            return {"uri": keep(ctx, target, f"concat{ctx.render(self.extension)}")}
