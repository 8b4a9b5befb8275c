"""Checking that what must be true is true."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import LogLevel, PluginError, Property, RunContext, RunnableTask
from plugins.contracts.truth import is_true


class Assert(RunnableTask):
    """Fail unless every condition holds. Each that does not is named in the log.

    A condition holds unless it renders to nothing, `false`, `0` or `-0`. The metrics `success` and `failed` count them.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.Assert"
    TITLE: ClassVar[str] = "Assert conditions"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: assert_the_count
namespace: company.team
inputs:
  - id: count
    type: INT
    defaults: 3
tasks:
  - id: check
    type: io.kestra.plugin.core.execution.Assert
    errorMessage: "{{ inputs.count }} is no usable count"
    conditions:
      - "{{ inputs.count > 0 }}"
      - "{{ inputs.count < 10 }}"
""",
    )

    conditions: list[str]
    """Texts with expressions that must all be true."""
    error_message: Property[str] | None = None
    """What is added to the error."""

    def run(self, ctx: RunContext) -> None:
        broken = [condition for condition in self.conditions if not is_true(ctx.render_any(condition))]
        for condition in broken:
            ctx.log(LogLevel.ERROR, f"Assertion `{condition}` failed!")
        ctx.counter("failed", len(broken))
        ctx.counter("success", len(self.conditions) - len(broken))
        if broken:
            raise PluginError(_message(len(broken), ctx.render(self.error_message) if self.error_message else None))


def _message(count: int, added: str | None) -> str:
    told = f"{count} assertion{'s' if count > 1 else ''} failed!"
    return f"{told}\n{added}" if added else told
