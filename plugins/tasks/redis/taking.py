"""Elements taken from a list of Redis so that none is lost: until they are done with they lie in a list beside it."""

from __future__ import annotations

from typing import Any

from plugins.contracts import RunContext
from plugins.formats.messages import Serde, value_of

MOST_AT_ONCE = 100


class Taking:
    """Takes from the head of a list into one of its own, whose name tells who takes. One taker at a time."""

    def __init__(self, client: Any, key: str, taker: str, serde: Serde) -> None:
        self._client = client
        self._key = key
        self._own = f"{key}:taken:{taker}"
        self._serde = serde

    def left(self) -> list[Any]:
        """What was taken before by somebody who never said that it was done with."""
        return [self._value(each) for each in self._client.lrange(self._own, 0, MOST_AT_ONCE - 1)]

    def wait(self, seconds: float) -> list[Any]:
        """Those that are there, or the first that comes within the time."""
        first = self._client.blmove(self._key, self._own, seconds, "LEFT", "RIGHT")
        return [] if first is None else [self._value(first), *self.take(MOST_AT_ONCE - 1)]

    def take(self, most: int) -> list[Any]:
        """At most so many of those that are there."""
        taken: list[Any] = []
        while len(taken) < most:
            found = self._client.lmove(self._key, self._own, "LEFT", "RIGHT")
            if found is None:
                break
            taken.append(self._value(found))
        return taken

    def done(self, count: int) -> None:
        """The oldest so many of what was taken are done with."""
        self._client.ltrim(self._own, count, -1)

    def give_back(self) -> None:
        """What was taken goes to the head of the list again, in its order."""
        while self._client.lmove(self._own, self._key, "RIGHT", "LEFT") is not None:
            continue

    def _value(self, content: bytes) -> Any:
        return value_of(content, self._serde)


def taker_of(ctx: RunContext, trigger_id: str) -> str:
    """The name of a trigger, of which one looks at a time."""
    return f"{ctx.tenant}.{ctx.namespace}.{ctx.flow_id}.{trigger_id}"
