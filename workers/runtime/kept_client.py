"""One client of a Redis broker for each channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def keep_client(channel: Any) -> None:
    """Of Redis: the transport makes a client for each message, at more than the message costs. A client is a view of
    the channel's pool, so one serves them all. Brokers of another kind have nothing of the sort."""
    make = getattr(channel, "_create_client", None)
    if make is not None and not isinstance(make, _KeptClient):
        channel._create_client = _KeptClient(make)


class _KeptClient:
    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._client: Any = None

    def __call__(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return self._make(asynchronous=True)
        if self._client is None:
            self._client = self._make()
        return self._client
