"""A task whose own text is made at run time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Outcome, PluginError, RunContext, RunnableTask

_ID_AT_THE_LEFT = re.compile(r"^[\"']?id[\"']?\s*:", re.MULTILINE)
_ID_IN_BRACES = re.compile(r"[{,]\s*[\"']?id[\"']?\s*:")


class TemplatedTask(RunnableTask):
    """Render a text, read it as the YAML of a task, and run that task.

    So properties that take no expressions can be computed too. The task must be runnable and no template itself.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.templating.TemplatedTask"
    CHANGES_VARIABLES: ClassVar[bool] = True
    TITLE: ClassVar[str] = "Run a templated task"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: templated
namespace: company.team
variables:
  type: io.kestra.plugin.core.debug.Return
tasks:
  - id: made
    type: io.kestra.plugin.core.templating.TemplatedTask
    spec: |
      type: {{ vars.type }}
      format: made at {{ execution.startDate }}
""",
    )

    spec: str
    """The YAML of the task, with expressions. It needs no `id`."""

    def run(self, ctx: RunContext) -> Mapping[str, Any] | Outcome | None:
        task = ctx.parse_task(self._with_id(ctx.render_any(self.spec)))
        if isinstance(task, TemplatedTask):
            raise PluginError(f"The templated task cannot be of type '{self.TYPE}'", retryable=False)
        if not isinstance(task, RunnableTask):
            raise PluginError("The templated task must be a runnable task", retryable=False)
        return task.run(ctx)

    def _with_id(self, text: str) -> str:
        """The text with the id of this task, unless it has one of its own."""
        stripped = text.strip()
        if stripped.startswith("{"):
            return text if _ID_IN_BRACES.search(text) else f"{{id: {self.id}, {stripped[1:]}"
        return text if _ID_AT_THE_LEFT.search(text) else f"id: {self.id}\n{text}"
