"""Tunables of what an operator lays over everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Retention:
    """How what has grown old is deleted."""

    hour: int = 2
    """When the policies are carried out by themselves, by the clock of UTC."""
    at_once: int = 1_000
    """Executions, folders, pairs or revisions of one transaction."""
    lines_at_once: int = 10_000
    """Log lines or figures of one transaction."""
    lease: timedelta = timedelta(seconds=60)
    """Another process carries on with a run of which nothing was heard for so long."""
    turn: timedelta = timedelta(seconds=20)
    """After so long another tenant's run has its turn."""
    grace: timedelta = timedelta(days=1)
    """A file that nothing owns may belong to something that is only being written."""
    most_looked_at: int = 200_000
    """Files whose size a dry run adds up; what lies beyond is not counted."""


RETENTION = Retention()
