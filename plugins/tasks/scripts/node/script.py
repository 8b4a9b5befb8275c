"""Running a JavaScript script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import RunContext
from plugins.contracts.outputs import SCRIPT, Outputs
from plugins.tasks.scripts.script_task import ScriptTask, quoted, with_local_files
from plugins.working_directory.own import OwnFiles


class Script(ScriptTask):
    """Run a JavaScript script that stands in the flow.

    Lines of the form `::{"outputs": {"name": "value"}}::` become outputs under `vars`; everything else is logged.
    `::{"taskRuns": [{"taskId": "model.a", "state": "SUCCESS"}]}::` shows parts of the work as task runs of their own.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.scripts.node.Script"
    TITLE: ClassVar[str] = "Run a Node.js script"
    OUTPUTS: ClassVar[Outputs] = SCRIPT
    IMAGE: ClassVar[str] = "node"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: node_script
namespace: company.team
tasks:
  - id: run
    type: io.kestra.plugin.scripts.node.Script
    outputFiles: [id.txt]
    script: |
      require("fs").writeFileSync("id.txt", "{{ execution.id }}");
""",
    )

    script: str
    """The script, with expressions."""

    def prepare(self, ctx: RunContext, extra: Mapping[str, Any], own: OwnFiles) -> list[str]:
        text = with_local_files(ctx, ctx.render_any(self.script, extra), own)
        path = own.script(".js", text.encode())
        return [f"node {quoted(path)}"]
