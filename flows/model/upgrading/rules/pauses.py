"""A Pause that ends by itself says so with `pauseDuration`."""

from __future__ import annotations

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map
from flows.model.upgrading.walk import all_tasks

NAME = "pauses"
PAUSE = "io.kestra.plugin.core.flow.Pause"
_TASKS = "`tasks` of a Pause are of the older generation: write them behind it; they are then no part of it any more"


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for task in all_tasks(root):
        if task.type != PAUSE:
            continue
        delay, tasks = task.node.entries.get("delay"), task.node.entries.get("tasks")
        if delay is not None and "pauseDuration" not in task.node.entries:
            edits.rename(delay, "pauseDuration")
            findings.changed("`delay` of a Pause is `pauseDuration`", delay.key.place.line)
        if tasks is not None:
            findings.leave(_TASKS, tasks.key.place.line)
