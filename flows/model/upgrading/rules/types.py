"""Types by the name they have today."""

from __future__ import annotations

from collections.abc import Iterator

from flows.model.upgrading.found import Findings
from flows.model.upgrading.text import Edits, Map, Node, Scalar, children
from flows.model.upgrading.walk import all_tasks, triggers_of
from plugins.catalog.registry import registry

NAME = "types"


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for node in [*(task.node for task in all_tasks(root)), *triggers_of(root), *_conditions(root.value("triggers"))]:
        found = registry().find(node.text("type") or "")
        written = node.value("type")
        if found is not None and found.replaces is not None and isinstance(written, Scalar):
            edits.replace(written.place, found.plugin.TYPE)
            findings.changed(f"{found.replaces} is {found.plugin.TYPE}", written.place.line)


def _conditions(node: Node | None) -> Iterator[Map]:
    """The conditions of triggers, those inside others too."""
    for child in children(node) if node is not None else ():
        for name in ("conditions", "scheduleConditions"):
            for item in child.items(name) if isinstance(child, Map) else ():
                if isinstance(item, Map):
                    yield item
        yield from _conditions(child)
