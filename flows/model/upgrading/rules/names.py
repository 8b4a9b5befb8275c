"""Properties that have another name by now."""

from __future__ import annotations

from collections.abc import Iterator

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map
from flows.model.upgrading.walk import all_tasks, triggers_of

NAME = "names"
_PLUGIN_DEFAULTS = (
    "`pluginDefaults` of a flow are of the older generation: keep them with the namespace, "
    "or write them into the tasks they are meant for"
)
_LISTENERS = "`listeners` are of the older generation: write their tasks under `afterExecution`, with `runIf`"

_WORKER_GROUP = (
    "`workerGroup` is of the older generation, and still says which workers run it; `workerSelector` of the newer one "
    "chooses workers by their labels: write it where your workers have such"
)


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for holder, old, new in _renamed(root):
        entry = holder.entries.get(old)
        if entry is not None and new not in holder.entries:
            edits.rename(entry, new)
            findings.changed(f"`{old}` is `{new}`", entry.key.place.line)
    for name, reason in (("pluginDefaults", _PLUGIN_DEFAULTS), ("listeners", _LISTENERS)):
        if name in root.entries:
            findings.leave(reason, root.entries[name].key.place.line)
    for holder in (root, *(task.node for task in all_tasks(root)), *triggers_of(root)):
        if "workerGroup" in holder.entries:
            findings.leave(_WORKER_GROUP, holder.entries["workerGroup"].key.place.line)


def _renamed(root: Map) -> Iterator[tuple[Map, str, str]]:
    yield root, "taskDefaults", "pluginDefaults"
    for holder in (root, *(task.node for task in all_tasks(root))):
        retry = holder.value("retry")
        if isinstance(retry, Map):
            yield retry, "maxAttempt", "maxAttempts"
    for trigger in triggers_of(root):
        yield trigger, "scheduleConditions", "conditions"
