"""Carries on with acts on many executions that were accepted and not finished."""

from __future__ import annotations


def carry_on() -> bool:
    """Whether there may be more."""
    return False
