"""Tickets: Celery messages that wake a worker of a group. They hold no data, and nobody misses a lost one."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from celery import current_app

from control_plane.kernel.config import config

logger = logging.getLogger(__name__)

TASK = "orrery.ticket"
PAUSE_SECONDS = 1.0
EXPIRES_SECONDS = 60
_silent_until = 0.0


def queue_of(group: str) -> str:
    return f"orrery.{group}"


def send(groups: Iterable[str]) -> None:
    """One ticket for each of these. Call it after the commit; it does not raise: the reconciler offers again."""
    global _silent_until
    groups = list(groups)
    if not groups or config().celery_broker_url is None or time.monotonic() < _silent_until:
        return
    try:
        with current_app.producer_or_acquire() as producer:
            for group in groups:
                current_app.send_task(
                    TASK, queue=queue_of(group), ignore_result=True, producer=producer, expires=EXPIRES_SECONDS
                )
    except Exception:
        # Whatever a broker's client may raise: the start that brought this ticket has been accepted.
        _silent_until = time.monotonic() + PAUSE_SECONDS
        logger.warning("the broker is away", exc_info=True)
