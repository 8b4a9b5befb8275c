"""Writing a line into the log of the execution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import LogLevel, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default


class Log(RunnableTask):
    """Write one or several messages to the log of the execution.

    A message is a text, or a list of texts that are written one after the other.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.log.Log"
    TITLE: ClassVar[str] = "Log messages"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: hello
namespace: company.team
inputs:
  - id: name
    type: STRING
    defaults: world
tasks:
  - id: greet
    type: io.kestra.plugin.core.log.Log
    level: WARN
    message:
      - "Hello, {{ inputs.name }}!"
      - "This is {{ flow.id }}."
""",
    )

    message: Any
    """What to write: a text or a list of texts, with expressions."""
    level: Property[LogLevel] = default("INFO")
    """How serious it is: TRACE, DEBUG, INFO, WARN or ERROR."""

    def run(self, ctx: RunContext) -> Mapping[str, Any] | None:
        level = ctx.render(self.level)
        rendered = ctx.render_any(self.message)
        for message in rendered if isinstance(rendered, list) else [rendered]:
            ctx.log(level, message if isinstance(message, str) else ctx.render_any("{{ it }}", {"it": message}))
        return None
