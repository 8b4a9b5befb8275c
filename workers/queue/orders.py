"""Orders for workers: told at once through the feed, and again with each heartbeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from control_plane.kernel.live.publishing import publish


def worker_channel(worker_id: str) -> str:
    return f"orrery:worker:{worker_id}"


def send_kills(rows: Iterable[Sequence[Any]]) -> None:
    """Rows of `ASK_KILL`: worker, job, tenant, subject."""
    messages = [
        (worker_channel(worker), {"order": "kill", "jobId": f"{tenant}.{subject}.{job}"})
        for worker, job, tenant, subject in rows
    ]
    if messages:
        publish(messages)


def send_drain(worker_id: str) -> None:
    publish([(worker_channel(worker_id), {"order": "drain"})])


def group_channel(group: str) -> str:
    """Told when a job of a group was ordered, for workers that hold a request open instead of hearing the broker."""
    return f"orrery:group:{group}"
