"""Where entries and anchors leave to, by their addresses; each is one file beside this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

# The file of each kind imports nothing of this one but the words below.


class DeliveryFailed(Exception):
    """The destination did not take it; nothing counts as sent."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of one tenant in order, "" for the instance; `first` and `last` are their numbers."""

    kind: Literal["entries", "anchors"]
    tenant: str
    first: int
    last: int
    lines: Sequence[str]

    @property
    def text(self) -> bytes:
        return "".join(f"{line}\n" for line in self.lines).encode()


class Destination(Protocol):
    """`name` is its address without what is secret in it; a cursor stands under it."""

    @property
    def name(self) -> str: ...

    def send(self, batch: Batch) -> None:
        """Returns once it is kept there. Raises DeliveryFailed; the same batch then comes again."""
