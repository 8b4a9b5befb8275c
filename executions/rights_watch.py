"""Notices that rights have changed, for connections that stay open: one cheap look for all of them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from control_plane.kernel.threads import in_thread
from iam.versions import Versions, current

FRESH_SECONDS = 2.0


@dataclass
class _Known:
    versions: Versions | None = None
    at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


_known: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, _Known]] = WeakKeyDictionary()


async def rights_version(tenant: str) -> Versions:
    """The number that moves with the tenant's rights, at most two seconds old, however many ask."""
    known = _known.setdefault(asyncio.get_running_loop(), {}).setdefault(tenant, _Known())
    async with known.lock:
        if known.versions is None or time.monotonic() - known.at > FRESH_SECONDS:
            known.versions = await in_thread(current, tenant)
            known.at = time.monotonic()
        return known.versions
