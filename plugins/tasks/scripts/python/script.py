"""Running a Python script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import SCRIPT, Outputs
from plugins.tasks.scripts.python.environment import IMAGE, install
from plugins.tasks.scripts.script_task import ScriptTask, quoted, with_local_files
from plugins.working_directory.own import OwnFiles


class Script(ScriptTask):
    """Run a Python script that stands in the flow.

    Lines of the form `::{"outputs": {"name": "value"}}::` become outputs under `vars`; everything else is logged.
    `::{"taskRuns": [{"taskId": "model.a", "state": "SUCCESS"}]}::` shows parts of the work as task runs of their own.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.scripts.python.Script"
    TITLE: ClassVar[str] = "Run a Python script"
    OUTPUTS: ClassVar[Outputs] = SCRIPT
    IMAGE: ClassVar[str] = IMAGE
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: python_script
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.python.Script
    outputFiles: [id.txt]
    script: |
      with open("id.txt", "w") as file:
          file.write("{{ execution.id }}")
""",
    )

    script: str
    """The script, with expressions."""
    dependencies: Property[list[str]] = default([])
    """Packages to install with pip into an environment of the task before it runs."""

    def prepare(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
        text = with_local_files(ctx, ctx.render_any(self.script, extra), own)
        path = own.script(".py", text.encode())
        return [*install(ctx, self.dependencies, own), f"python {quoted(path)}"]
