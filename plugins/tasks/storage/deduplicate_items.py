"""Keeping one item for each key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.outputs import Outputs, address, whole
from plugins.formats.ion import rows_of, write_rows
from plugins.tasks.storage.stored_files import ending_of, keep, new_file, open_file


class DeduplicateItems(RunnableTask):
    """Keep of all items with the same key the last one, in the order of those that stay."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.DeduplicateItems"
    TITLE: ClassVar[str] = "Deduplicate items of a file"
    OUTPUTS: ClassVar[Outputs] = {
        "droppedItemsTotal": whole("How many items were dropped."),
        "numKeys": whole("How many keys there are."),
        "processedItemsTotal": whole("How many items were read."),
        "uri": address("The file of items."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_deduplicate
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    extension: .ion
    content: |
      {key: "a", value: 1}
      {key: "b", value: 2}
      {key: "a", value: 3}
  - id: deduplicate
    type: io.kestra.plugin.core.storage.DeduplicateItems
    from: "{{ outputs.write.uri }}"
    expr: "{{ key }}"
""",
    )

    from_: Property[str] = Field(alias="from")
    """The address of the file: one item a line."""
    expr: str
    """What the key of an item is, as an expression over its fields."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        uri = ctx.render(self.from_)
        last, total = self._last_of_keys(ctx, uri)
        keepers = set(last.values())
        with open_file(ctx, uri) as source, new_file(ctx) as target:
            write_rows((item for number, item in enumerate(rows_of(source)) if number in keepers), target)
            kept = keep(ctx, target, f"items{ending_of(uri) or '.ion'}")
        ctx.counter("records", total)
        return {
            "uri": kept,
            "numKeys": len(last),
            "processedItemsTotal": total,
            "droppedItemsTotal": total - len(last),
        }

    def _last_of_keys(self, ctx: RunContext, uri: str) -> tuple[dict[str, int], int]:
        """The number of the last item of each key, and how many items there are."""
        last: dict[str, int] = {}
        total = 0
        with open_file(ctx, uri) as source:
            for number, item in enumerate(rows_of(source)):
                last[key_of(ctx, self.expr, item)] = number
                total += 1
        return last, total


def key_of(ctx: RunContext, expression: str, item: Any) -> str:
    """The key of an item. Raises PluginError when it has none."""
    fields = item if isinstance(item, Mapping) else {"value": item}
    key = ctx.render_any(expression, {str(name): value for name, value in fields.items()})
    if not isinstance(key, str):
        raise PluginError("The key of an item is a text", retryable=False)
    return key.strip()
