"""Turning the lines of a file round."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, ClassVar

from pydantic import Field

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address
from plugins.tasks.storage.stored_files import ending_of, keep, new_file, open_file


class Reverse(RunnableTask):
    """Write the lines of a file in reverse order, the last one first."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.Reverse"
    TITLE: ClassVar[str] = "Reverse a file"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The reversed file."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_reverse
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: "1\\n2\\n3\\n"
    extension: .txt
  - id: reverse
    type: io.kestra.plugin.core.storage.Reverse
    from: "{{ outputs.write.uri }}"
""",
    )

    from_: Property[str] = Field(alias="from")
    """The address of the file."""
    separator: Property[str] = default("\n")
    """What stands between two lines."""
    charset: Property[str] = default("UTF-8")
    """The charset of the file."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        uri = ctx.render(self.from_)
        separator = ctx.render(self.separator).encode(ctx.render(self.charset))
        with new_file(ctx) as copy, open_file(ctx, uri) as source, new_file(ctx) as target:
            shutil.copyfileobj(source, copy, 1 << 20)
            for line in backwards(copy, separator):
                target.write(line + separator)
            return {"uri": keep(ctx, target, f"reverse{ending_of(uri)}")}


_CHUNK = 1 << 18


def backwards(file: BinaryIO, separator: bytes) -> Iterator[bytes]:
    """The parts between separators from the end to the beginning. A separator that ends the file begins no part."""
    place = file.seek(0, 2)
    if place == 0:
        return
    file.seek(max(0, place - len(separator)))
    if file.read() == separator:
        place -= len(separator)
    rest, size = b"", _CHUNK
    while place > 0:
        step = min(size, place)
        place -= step
        file.seek(place)
        rest, *whole = (file.read(step) + rest).split(separator)
        yield from reversed(whole)
        # A very long part is read in ever larger steps, so that it is not copied again and again.
        size = max(_CHUNK, len(rest))
    yield rest
