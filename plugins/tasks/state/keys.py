"""Under which key of the key-value store a state is kept: by the server and by the simulator alike."""

from __future__ import annotations


def state_key(flow_id: str | None, name: str, value: str | None) -> str:
    """Of one flow, or of all of its namespace where `flow_id` is None. `value` is that of the loop around the task."""
    parts = ["states", *([flow_id] if flow_id else []), name, *([value] if value else [])]
    return "_".join("".join(c if c.isalnum() or c in "._-" else "-" for c in part) for part in parts)
