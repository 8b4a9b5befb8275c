"""How many of something costly may run at once for one user, and for one tenant."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.words.errors import TooManyRequests


class AtOnce:
    """Counts what runs by key. Threads share it; it counts for this process alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[Hashable] = Counter()

    @contextmanager
    def one_of(self, limits: dict[Hashable, int], message: str) -> Iterator[None]:
        """Count one under each key until the block ends; TooManyRequests where one of them has its limit already."""
        with self._lock:
            if any(self._running[key] >= most for key, most in limits.items()):
                raise TooManyRequests(message, retry_after=1)
            self._running.update(limits.keys())
        try:
            yield
        finally:
            with self._lock:
                self._running.subtract(limits.keys())
                self._running += Counter()


_evaluations = AtOnce()


@contextmanager
def evaluating(ctx: Context) -> Iterator[None]:
    """While expressions that somebody sent are rendered: they compute for as long as their bounds let them."""
    rules = config().admission
    actor, tenant = ctx.actor.id or f"address {ctx.ip}", ctx.tenant_id
    limits: dict[Hashable, int] = {
        (tenant, actor): rules.evaluations_per_actor,
        (tenant, None): rules.evaluations_per_tenant,
    }
    with _evaluations.one_of(limits, "too many expressions are being evaluated at once"):
        yield
