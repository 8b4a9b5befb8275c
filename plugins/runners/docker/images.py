"""Having the image of a container in the engine before it is made."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from plugins.contracts import PluginError, RunContext
from plugins.runners.docker.engine import Engine
from plugins.runners.reader import KILLED, OUT_OF_TIME


def pull(
    ctx: RunContext, engine: Engine, image: str, login: Mapping[str, Any] | None, timeout: timedelta | None
) -> None:
    """Fetch it. Raises PluginError when the task is killed or out of time before it is here."""
    ends_at = None if timeout is None else time.monotonic() + timeout.total_seconds()

    def stopped() -> str:
        if ctx.is_killed():
            return KILLED
        return OUT_OF_TIME if ends_at is not None and time.monotonic() >= ends_at else ""

    try:
        with _hanging_up(ctx, engine, timeout):
            engine.pull(image, login, stopped)
    except PluginError as error:
        if why := stopped():
            raise PluginError(why, retryable=why != KILLED) from error
        raise


@contextmanager
def _hanging_up(ctx: RunContext, engine: Engine, timeout: timedelta | None) -> Iterator[None]:
    """An engine that says nothing is not waited for any longer than the task may run."""
    over = threading.Event()

    def hang_up() -> None:
        if not over.is_set():
            engine.hang_up()

    ctx.on_kill(hang_up)
    timer = threading.Timer(timeout.total_seconds(), hang_up) if timeout else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        over.set()
        if timer is not None:
            timer.cancel()
