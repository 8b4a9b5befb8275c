"""The labels of an execution that a trigger starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.model.inputs.convert import as_text
from flows.model.labels import SYSTEM_PREFIX
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError


def trigger_labels(flow_labels: Mapping[str, str], labels: Any, facts: Facts) -> dict[str, str]:
    """Those of the flow but the system's, then those of the trigger; one that cannot be rendered is left out."""
    kept = {key: value for key, value in flow_labels.items() if not key.startswith(SYSTEM_PREFIX)}
    for key, value in _pairs(labels):
        try:
            found = facts.render(value)
            kept[key] = "" if found is None else as_text(found)
        except PluginError:
            continue
    return kept


def _pairs(labels: Any) -> list[tuple[str, str]]:
    if isinstance(labels, Mapping):
        return [(str(key), str(value)) for key, value in labels.items()]
    entries = labels if isinstance(labels, list) else []
    return [(str(entry["key"]), str(entry["value"])) for entry in entries if isinstance(entry, Mapping)]
