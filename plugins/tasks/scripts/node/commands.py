"""Running JavaScript commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.outputs import SCRIPT, Outputs
from plugins.tasks.scripts.script_task import ScriptTask, render_lines
from plugins.working_directory.own import OwnFiles


class Commands(ScriptTask):
    """Run commands one after the other, such as `node main.js`, in one shell.

    Lines of the form `::{"outputs": {"name": "value"}}::` become outputs under `vars`; everything else is logged.
    `::{"taskRuns": [{"taskId": "model.a", "state": "SUCCESS"}]}::` shows parts of the work as task runs of their own.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.scripts.node.Commands"
    TITLE: ClassVar[str] = "Run Node.js commands"
    OUTPUTS: ClassVar[Outputs] = SCRIPT
    IMAGE: ClassVar[str] = "node"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: node_commands
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.node.Commands
    inputFiles:
      main.js: |
        console.log("Hello from {{ flow.id }}")
    commands:
      - node main.js
""",
    )

    commands: Property[list[str]]
    """The commands, one a line."""

    def prepare(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
        return render_lines(ctx, self.commands.source, extra, own)
