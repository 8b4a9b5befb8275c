"""How a test lets a realtime trigger listen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from tests.plugins.tasks.memory import MemoryContext


class Listens(Protocol):
    def listen(self, ctx: Any) -> None: ...


def until_begun(ctx: MemoryContext, count: int, trigger: Listens, meanwhile: Callable[[], object]) -> None:
    """Let it listen until it has begun so many."""
    begin, enough = ctx.starts.begin, threading.Event()

    def begun(**given: Any) -> None:
        begin(**given)
        if len(ctx.starts.begun) >= count:
            enough.set()

    ctx.services["starts"].begin = begun
    thread = threading.Thread(target=trigger.listen, args=(ctx,))
    thread.start()
    meanwhile()
    assert enough.wait(20)
    ctx.kill()
    thread.join(10)
    assert not thread.is_alive()
