"""Running Python commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import SCRIPT, Outputs
from plugins.tasks.scripts.python.environment import IMAGE, install
from plugins.tasks.scripts.script_task import ScriptTask, render_lines
from plugins.working_directory.own import OwnFiles


class Commands(ScriptTask):
    """Run commands one after the other, such as `python main.py`, in one shell.

    Lines of the form `::{"outputs": {"name": "value"}}::` become outputs under `vars`; everything else is logged.
    `::{"taskRuns": [{"taskId": "model.a", "state": "SUCCESS"}]}::` shows parts of the work as task runs of their own.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.scripts.python.Commands"
    TITLE: ClassVar[str] = "Run Python commands"
    OUTPUTS: ClassVar[Outputs] = SCRIPT
    IMAGE: ClassVar[str] = IMAGE
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: python_commands
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.python.Commands
    inputFiles:
      main.py: |
        print("Hello from {{ flow.id }}")
    commands:
      - python main.py
""",
    )

    commands: Property[list[str]]
    """The commands, one a line."""
    dependencies: Property[list[str]] = default([])
    """Packages to install with pip into an environment of the task before it runs."""

    def prepare(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
        installing = install(ctx, self.dependencies, own)
        return [*installing, *render_lines(ctx, self.commands.source, extra, own)]
