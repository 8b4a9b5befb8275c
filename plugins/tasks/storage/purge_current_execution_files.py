"""Deleting what an execution has stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import RunContext, RunnableTask
from plugins.contracts.outputs import Outputs, addresses
from plugins.contracts.services import InternalStorage


class PurgeCurrentExecutionFiles(RunnableTask):
    """Delete every file that the running execution has stored; the output `uris` lists them."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles"
    TITLE: ClassVar[str] = "Delete all files of the running execution"
    OUTPUTS: ClassVar[Outputs] = {
        "uris": addresses("The addresses of the deleted files."),
    }
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.plugin.core.storage.PurgeExecution",
        "io.kestra.plugin.core.storage.PurgeExecutionFiles",
    )
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: storage_purge
namespace: company.team
tasks:
  - id: write
    type: io.kestra.plugin.core.storage.Write
    content: hello
  - id: purge
    type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles
""",
    )

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        files: InternalStorage = ctx.service("storage")
        return {"uris": files.purge_execution()}
