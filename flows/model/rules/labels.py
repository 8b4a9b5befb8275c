"""Labels an author may not set."""

from __future__ import annotations

from flows.model.flow import Flow
from flows.model.labels import READ_ONLY, forbidden_system_labels, label_map
from flows.model.reading.session import Reading


def check_labels(flow: Flow, reading: Reading) -> None:
    """A flow may declare one system label alone; no label may be empty."""
    for message in forbidden_system_labels(flow.label_map, allowed=(READ_ONLY,)):
        reading.complain(message, ["labels"])
    for index, (key, value) in enumerate(flow.label_map.items()):
        if not key or not value:
            empty = "key" if not key else "value"
            reading.complain("must not be empty", ["labels", index, empty])


def check_trigger_labels(flow: Flow, reading: Reading) -> None:
    """The labels a trigger gives to its executions."""
    for index, trigger in enumerate(flow.triggers):
        for message in forbidden_system_labels(_texts(trigger.labels)):
            reading.complain(message, ["triggers", index, "labels"])


def _texts(labels: object) -> dict[str, str]:
    if isinstance(labels, dict):
        return {str(key): str(value) for key, value in labels.items()}
    if isinstance(labels, list):
        pairs = [entry for entry in labels if isinstance(entry, dict)]
        return {str(entry.get("key")): str(entry.get("value")) for entry in pairs}
    return label_map(None)
