"""How the timer of an attempt that rests is called."""

from __future__ import annotations

REST = "rest:"


def rest_key(task_run_id: str) -> str:
    """What the keys of a task run's rests begin with."""
    return f"{REST}{task_run_id}:"
