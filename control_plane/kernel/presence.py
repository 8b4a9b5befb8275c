"""Which server processes are alive: each announces itself at intervals, and is dropped when it stops."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
import redis

from control_plane.kernel.config import config
from control_plane.kernel.process_load import process_load
from control_plane.kernel.shown_config import shown
from control_plane.kernel.version import VERSION
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.ids import new_id

logger = logging.getLogger(__name__)

EVERY_SECONDS = 4.0
MISSED_BEATS = 3
FORGOTTEN_SECONDS = 3600
"""One that was not heard for so long is not shown any more; one that leaves in good order is gone at once."""
_PREFIX = "orrery:service:"
_PATIENCE_SECONDS = 2.0


class Present(msgspec.Struct, frozen=True):
    """A process that serves."""

    id: str
    role: str
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    load: dict[str, float] = {}
    configuration: dict[str, str | int | float | bool] = {}

    @property
    def is_heard(self) -> bool:
        """Whether it is believed to live."""
        return now() - self.seen_at < timedelta(seconds=EVERY_SECONDS * MISSED_BEATS)


class Announcer:
    """What one process says of itself."""

    def __init__(self, role: str, url: str) -> None:
        at = now()
        self._first = Present(new_id(), role, socket.gethostname(), os.getpid(), VERSION, at, at, {}, shown(config()))
        self._client = _client(url)
        self._asked_to_stop = threading.Event()

    def say(self) -> None:
        """Announce once. An unreachable server gets the next one."""
        said = msgspec.structs.replace(self._first, seen_at=now(), load=process_load())
        try:
            self._client.set(_PREFIX + said.id, msgspec.json.encode(said), ex=FORGOTTEN_SECONDS)
        except (redis.RedisError, OSError) as error:
            logger.debug("could not say that this process lives: %s", error)

    def say_until_stopped(self) -> None:
        self.say()
        while not self._asked_to_stop.wait(EVERY_SECONDS):
            self.say()

    def leave(self) -> None:
        self._asked_to_stop.set()
        try:
            self._client.delete(_PREFIX + self._first.id)
        except (redis.RedisError, OSError) as error:
            logger.debug("could not say that this process leaves: %s", error)


@contextmanager
def announced(role: str) -> Iterator[None]:
    """Say that this process lives for as long as the block runs."""
    url = config().redis_url
    if url is None:
        yield
        return
    announcer = Announcer(role, url)
    thread = threading.Thread(target=announcer.say_until_stopped, name="presence", daemon=True)
    thread.start()
    try:
        yield
    finally:
        announcer.leave()


def present() -> list[Present]:
    """Processes that have not left, oldest first, those that fell silent too; empty while the server is unreachable."""
    url = config().redis_url
    if url is None:
        return []
    client = _client(url)
    try:
        keys = list(client.scan_iter(f"{_PREFIX}*", count=1000))
        said = client.mget(keys) if keys else []
    except (redis.RedisError, OSError):
        logger.warning("could not ask which processes live", exc_info=True)
        return []
    finally:
        client.close()
    found = [msgspec.json.decode(each, type=Present) for each in said if each is not None]
    return sorted(found, key=lambda process: (process.started_at, process.id))


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS)
