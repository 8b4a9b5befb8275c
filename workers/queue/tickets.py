"""Tickets: Celery messages that wake a worker of a group. They hold no data, and nobody misses a lost one.

Workers that do not hear the broker hold a request open instead; the feed tells those.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from kombu import Connection
from kombu.pools import ProducerPool

from control_plane.kernel.config import config
from control_plane.kernel.live.publishing import publish
from control_plane.kernel.words.ids import new_id
from workers.queue.orders import group_channel
from workers.queue.routing import takers
from workers.queue.unanswered import Unanswered
from workers.runtime.kept_client import keep_client

logger = logging.getLogger(__name__)

TASK = "orrery.ticket"
PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 1.0
CONNECTIONS = 4
MOST_AT_ONCE = 64
"""More tickets than this for one group in one commit wake nobody who is not awake already."""
# What Celery expects of a task without arguments.
_BODY: tuple[Any, ...] = ([], {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None})


def queue_of(group: str) -> str:
    return f"orrery.{group}"


def _headers(ticket: str) -> dict[str, Any]:
    return {
        "lang": "py",
        "task": TASK,
        "id": ticket,
        "root_id": ticket,
        "parent_id": None,
        "group": None,
        "retries": 0,
        "eta": None,
        "expires": None,
        "timelimit": [None, None],
        "argsrepr": "()",
        "kwargsrepr": "{}",
        "ignore_result": True,
    }


class Sender:
    """A few connections to the broker. After a failure nothing is tried for a second."""

    def __init__(self, url: str) -> None:
        options = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS, "max_retries": 0}
        connection = Connection(url, connect_timeout=PATIENCE_SECONDS, transport_options=options)
        self._producers = ProducerPool(connection.Pool(CONNECTIONS), limit=CONNECTIONS)
        self._silent_until = 0.0
        self.unanswered = Unanswered(again=self.send)

    def send(self, wanted: Counter[str]) -> None:
        groups = self.unanswered.due(wanted)
        if not groups or time.monotonic() < self._silent_until:
            return
        try:
            with self._producers.acquire(block=True, timeout=PATIENCE_SECONDS) as producer:
                for group, count in groups.items():
                    for _ in range(min(count, MOST_AT_ONCE)):
                        self._publish(producer, group)
        except Exception:
            # Whatever a broker's client may raise: the start that brought this ticket has been accepted.
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("the broker is away", exc_info=True)

    def _publish(self, producer: Any, group: str) -> None:
        ticket = new_id()
        keep_client(producer.channel)
        producer.publish(
            _BODY,
            exchange="",
            routing_key=queue_of(group),
            serializer="json",
            headers=_headers(ticket),
            correlation_id=ticket,
            delivery_mode=1,
            retry=False,
        )


_lock = threading.Lock()
_senders: dict[tuple[int, str], Sender] = {}


def send(lines: Iterable[str]) -> None:
    """One ticket for each of these, to every group that serves the line. Call it after the commit; it does not raise:
    the reconciler offers again."""
    calls = offer(lines)
    if calls:
        publish(calls)


def offer(lines: Iterable[str]) -> list[tuple[str, Any]]:
    """The same for whoever publishes more at once: the messages that wake those who hold a request open are returned,
    not sent."""
    waiting = list(lines)
    counted = takers(waiting) if waiting else None
    if not counted:
        return []
    url = config().celery_broker_url
    if url is not None:
        _sender(url).send(counted)
    return [(group_channel(group), {}) for group in counted]


def answered(group: str) -> None:
    """A worker of the group is about to look at the queue. Call it before it does."""
    url = config().celery_broker_url
    if url is not None:
        _sender(url).unanswered.answered(group)


def call_another(group: str) -> None:
    """A worker took as much as it can: there may be work for one more."""
    url = config().celery_broker_url
    if url is not None:
        _sender(url).send(Counter([group]))


def _sender(url: str) -> Sender:
    """Of this process: a connection must not be shared with a parent."""
    key = (os.getpid(), url)
    with _lock:
        known = _senders.get(key)
        if known is None:
            known = _senders[key] = Sender(url)
        return known
