"""The writer's side of the feed: plain PUBLISH after the commit, never a reason to fail."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import redis

from control_plane.kernel.config import config

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
PAUSE_SECONDS = 1.0
_encoder = msgspec.json.Encoder(enc_hook=str)


class Publisher:
    """One pool of connections per process. After a failure nothing is tried for a second: watchers heal by reading."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS, health_check_interval=0
        )
        self._silent_until = 0.0

    def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        if time.monotonic() < self._silent_until:
            return
        try:
            if len(messages) == 1:
                self._client.publish(*messages[0])
            else:
                pipeline = self._client.pipeline(transaction=False)
                for channel, body in messages:
                    pipeline.publish(channel, body)
                pipeline.execute()
        except (redis.RedisError, OSError):
            self._silent_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("the live feed is away", exc_info=True)


_lock = threading.Lock()
_publishers: dict[tuple[int, str], Publisher] = {}


def publish(messages: Sequence[tuple[str, Any]]) -> None:
    """Tell the watchers of each channel. Call it after the commit; it does not raise."""
    url = config().redis_url
    if url is not None:
        _publisher(url).publish([(channel, _encoder.encode(message)) for channel, message in messages])


def _publisher(url: str) -> Publisher:
    """Of this process: a connection must not be shared with a parent."""
    key = (os.getpid(), url)
    with _lock:
        known = _publishers.get(key)
        if known is None:
            known = _publishers[key] = Publisher(url)
        return known
