"""The task that echoed is the one that logs."""

from __future__ import annotations

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map
from flows.model.upgrading.walk import all_tasks

NAME = "echo"
ECHO = "io.kestra.plugin.core.debug.Echo"
LOG = "io.kestra.plugin.core.log.Log"


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for task in all_tasks(root):
        if task.type == ECHO and "format" in task.node.entries:
            edits.replace(task.node.entries["type"].value.place, LOG)
            edits.rename(task.node.entries["format"], "message")
            findings.changed(f"{ECHO} is {LOG}, its `format` is `message`", task.line)
