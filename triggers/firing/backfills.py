"""A backfill as a row keeps it, which is as the API shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from control_plane.kernel.words.clock import iso, parse_iso
from plugins.triggers.backfill import Backfill


def kept(backfill: Backfill, run: str) -> dict[str, Any]:
    """`run` names it among the backfills of its trigger."""
    return {
        "start": iso(backfill.start),
        "end": iso(backfill.end),
        "currentDate": iso(backfill.current or backfill.start),
        "paused": backfill.is_paused,
        "inputs": dict(backfill.inputs),
        "labels": dict(backfill.labels),
        "previousNextExecutionDate": iso(backfill.resumes_at) if backfill.resumes_at else None,
        "run": run,
    }


def read(row: dict[str, Any]) -> Backfill:
    return Backfill(
        start=parse_iso(row["start"]),
        end=parse_iso(row["end"]),
        current=parse_iso(row["currentDate"]),
        is_paused=row["paused"],
        inputs=row["inputs"],
        labels=row["labels"],
        resumes_at=_moment(row["previousNextExecutionDate"]),
    )


def _moment(text: str | None) -> datetime | None:
    return parse_iso(text) if text else None
