"""Cutting a file into several."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, ClassVar, cast

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, addresses
from plugins.tasks.storage.stored_files import ending_of, keep, open_file

MAX_PARTS = 10_000
_SIZE = re.compile(r"\s*(\d{1,15})\s*([KMGT]?)(I?)B?\s*", re.IGNORECASE)


class Split(RunnableTask):
    """Cut a text file into files of so many bytes, so many rows, or into so many parts; never inside a row.

    Their addresses are the output `uris`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.Split"
    TITLE: ClassVar[str] = "Split a file"
    OUTPUTS: ClassVar[Outputs] = {
        "uris": addresses("The parts in order."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_split
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    extension: .ion
    content: |
      {key: "a", value: 1}
      {key: "b", value: 2}
      {key: "a", value: 3}
  - id: split
    type: io.kestra.plugin.core.storage.Split
    from: "{{ outputs.write.uri }}"
    rows: 1
""",
    )

    from_: Property[str] = Field(alias="from")
    """The address of the file."""
    bytes_: Property[str] | None = Field(default=None, alias="bytes")
    """The size of a part, such as `10MB`."""
    partitions: Property[int] | None = None
    """Into how many parts; rows are dealt out in turn."""
    rows: Property[int] | None = None
    """Rows of a part."""
    separator: Property[str] = default("\n")
    """What ends a row."""
    regex_pattern: str | None = None
    """Accepted for flows of other versions; rows are not sorted by content."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        uri = ctx.render(self.from_)
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(open_file(ctx, uri))
            rows = rows_of(source, ctx.render(self.separator).encode())
            parts = self._parts(ctx, stack, rows)
            name = f"part{{number}}{ending_of(uri)}"
            uris = [keep(ctx, part, name.format(number=number)) for number, part in enumerate(parts)]
        return {"uris": uris}

    def _parts(self, ctx: RunContext, stack: contextlib.ExitStack, rows: Iterator[bytes]) -> list[BinaryIO]:
        if self.partitions is not None:
            return deal(ctx, stack, rows, ctx.render(self.partitions))
        if self.rows is not None:
            wanted = max(1, ctx.render(self.rows))
            return cut(ctx, stack, rows, lambda count, size: count >= wanted)
        if self.bytes_ is not None:
            room = size_of(ctx.render(self.bytes_))
            return cut(ctx, stack, rows, lambda count, size: size >= room)
        raise PluginError("One of `bytes`, `rows` and `partitions` is needed", retryable=False)


def size_of(text: str) -> int:
    """Bytes of a size such as `10`, `10KB` or `1 MiB`; units are powers of 1024."""
    found = _SIZE.fullmatch(text)
    if found is None or int(found.group(1)) == 0:
        raise PluginError(f"`{text}` is no size such as `10MB`", retryable=False)
    unit: int = 1024 ** " KMGT".index(found.group(2).upper() or " ")
    return int(found.group(1)) * unit


def rows_of(source: BinaryIO, separator: bytes) -> Iterator[bytes]:
    """Rows with the separator that ends them; the last one may lack it."""
    if separator == b"\n":
        yield from source
        return
    rest = b""
    while chunk := source.read(1 << 18):
        *whole, rest = (rest + chunk).split(separator)
        for row in whole:
            yield row + separator
    if rest:
        yield rest


def _open_part(ctx: RunContext, stack: contextlib.ExitStack, parts: list[BinaryIO]) -> None:
    if len(parts) >= MAX_PARTS:
        raise PluginError(f"The file would be cut into more than {MAX_PARTS} parts", retryable=False)
    # Small parts stay in memory: there may be more of them than files that a process may open.
    spooled = tempfile.SpooledTemporaryFile(max_size=1 << 16, dir=str(ctx.workdir))  # noqa: SIM115  # the stack closes it
    parts.append(cast(BinaryIO, stack.enter_context(spooled)))


def cut(
    ctx: RunContext, stack: contextlib.ExitStack, rows: Iterator[bytes], is_full: Callable[[int, int], bool]
) -> list[BinaryIO]:
    """Fill one part after the other; a part is full when rows and bytes in it say so."""
    parts: list[BinaryIO] = []
    count = size = 0
    for row in rows:
        if not parts or is_full(count, size):
            _open_part(ctx, stack, parts)
            count = size = 0
        parts[-1].write(row)
        count += 1
        size += len(row)
    return parts


def deal(ctx: RunContext, stack: contextlib.ExitStack, rows: Iterator[bytes], count: int) -> list[BinaryIO]:
    """Deal the rows out to so many parts in turn; parts without a row are left out."""
    if count < 1:
        raise PluginError("`partitions` must be at least 1", retryable=False)
    parts: list[BinaryIO] = []
    for number, row in enumerate(rows):
        if number < count:
            _open_part(ctx, stack, parts)
        parts[number % count].write(row)
    return parts
