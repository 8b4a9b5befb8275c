"""Giving back a rendered value."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.outputs import Outputs, text


class Return(RunnableTask):
    """Render a text and return it as the output `value`: handy for trying expressions and for keeping a result."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.debug.Return"
    TITLE: ClassVar[str] = "Return a value"
    OUTPUTS: ClassVar[Outputs] = {
        "value": text("The rendered text."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: return_date
namespace: company.team
tasks:
  - id: day
    type: io.kestra.plugin.core.debug.Return
    format: "{{ execution.startDate | date('yyyy-MM-dd') }}"
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "It is {{ outputs.day.value }}"
""",
    )

    format: Property[str] | None = None
    """The text to render."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        begun = time.monotonic()
        value = ctx.render(self.format) if self.format is not None else None
        ctx.counter("length", len((value or "").encode("utf-16-le", "surrogatepass")) // 2)
        ctx.timer("duration", timedelta(seconds=time.monotonic() - begun))
        return {"value": value}
