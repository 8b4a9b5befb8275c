"""Running shell commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import Property, RunContext
from plugins.contracts.outputs import SCRIPT, Outputs
from plugins.tasks.scripts.script_task import ScriptTask, render_lines
from plugins.working_directory.own import OwnFiles


class Commands(ScriptTask):
    """Run commands one after the other, in one shell.

    Lines of the form `::{"outputs": {"name": "value"}}::` become outputs under `vars`; everything else is logged.
    `::{"taskRuns": [{"taskId": "model.a", "state": "SUCCESS"}]}::` shows parts of the work as task runs of their own.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.scripts.shell.Commands"
    TITLE: ClassVar[str] = "Run Shell commands"
    OUTPUTS: ClassVar[Outputs] = SCRIPT
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: shell_commands
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.shell.Commands
    outputFiles: [id.txt]
    commands:
      - echo "{{ execution.id }}" > id.txt
""",
    )

    commands: Property[list[str]]
    """The commands, one a line."""

    def prepare(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
        return render_lines(ctx, self.commands.source, extra, own)
