"""Keeping the items that fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from plugins.contracts import PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.contracts.truth import is_true
from plugins.formats.ion import rows_of, write_rows
from plugins.tasks.storage.stored_files import ending_of, keep, new_file, open_file


class FilterItems(RunnableTask):
    """Keep the items for which a condition holds, or those for which it does not."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.FilterItems"
    TITLE: ClassVar[str] = "Filter items of a file"
    OUTPUTS: ClassVar[Outputs] = {
        "droppedItemsTotal": whole("How many items were dropped."),
        "processedItemsTotal": whole("How many items were read."),
        "uri": address("The file of items."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_filter
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    extension: .ion
    content: |
      {key: "a", value: 1}
      {key: "b", value: 2}
      {key: "a", value: 3}
  - id: filter
    type: io.kestra.plugin.core.storage.FilterItems
    from: "{{ outputs.write.uri }}"
    filterCondition: "{{ value > 1 }}"
""",
    )

    from_: Property[str] = Field(alias="from")
    """The address of the file: one item a line."""
    filter_condition: str
    """The condition, as an expression over the fields of an item."""
    filter_type: Property[Literal["INCLUDE", "EXCLUDE"]] = default("INCLUDE")
    """Keep the items for which it holds, or the others."""
    error_or_null_behavior: Property[Literal["FAIL", "INCLUDE", "EXCLUDE"]] = default("FAIL")
    """What happens to an item for which it cannot be decided."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        uri = ctx.render(self.from_)
        keeps_what_holds = ctx.render(self.filter_type) == "INCLUDE"
        doubt = ctx.render(self.error_or_null_behavior)
        total = kept = 0
        with open_file(ctx, uri) as source, new_file(ctx) as target:
            for item in rows_of(source):
                total += 1
                if self._stays(ctx, item, keeps_what_holds, doubt):
                    kept += write_rows([item], target)
            address = keep(ctx, target, f"items{ending_of(uri) or '.ion'}")
        ctx.counter("records", total)
        return {"uri": address, "processedItemsTotal": total, "droppedItemsTotal": total - kept}

    def _stays(self, ctx: RunContext, item: Any, keeps_what_holds: bool, doubt: str) -> bool:
        fields = item if isinstance(item, Mapping) else {"value": item}
        try:
            said = ctx.render_any(self.filter_condition, dict(fields))
        except PluginError:
            if doubt == "FAIL":
                raise
            return doubt == "INCLUDE"
        return is_true(said) is keeps_what_holds
