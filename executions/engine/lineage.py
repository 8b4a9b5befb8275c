"""How deep executions may start each other."""

from __future__ import annotations

from collections.abc import Sequence

DEEPEST = 50
"""Executions above one, when nothing else is said."""


def too_deep(above: Sequence[str], flow: str, deepest: int) -> str | None:
    """Why a flow may not be started below these, the outermost first; None when it may."""
    if len(above) < deepest:
        return None
    path = " > ".join([*above, flow])
    return f"Executions may start each other at most {deepest} deep: {path}"
