"""What the platform needs of a place that keeps objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from control_plane.kernel.words.errors import Conflict, Invalid, NotFound


class ObjectMissing(NotFound):
    """There is no such file."""

    code = "file_missing"


class NameTaken(Invalid):
    """A file stands where a folder is needed, or a folder where a file is."""

    code = "name_taken"


class AlreadyThere(Conflict):
    """There is such a file already."""

    code = "file_there"


def task_folder(task_id: str) -> str:
    """What the folder of a task's files is called."""
    return task_id.replace("_", "-").lower()


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int
    modified: datetime


class ObjectStorage(Protocol):
    """Objects by key. Keys are made by the platform: relative, made of plain segments, never taken from a caller.

    An object appears whole or not at all, and is durable when `put` returns.
    """

    def put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> int:
        """Keep what the stream holds, replacing what was there; return its size.

        With `only_new` what is there stays, and AlreadyThere says so. Raises StorageFull, and NameTaken where a backend
        cannot keep both `a` and `a/b`.
        """

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """Read an object, or a part of it, as a stream. Raises ObjectMissing."""

    def stat(self, key: str) -> StoredObject | None: ...

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Objects whose key begins with the prefix, which ends with a slash or is empty, in order of their keys."""

    def delete(self, key: str) -> bool:
        """False when there was none."""

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything that `list` gives; return how many."""

    def copy(self, source: str, target: str) -> None:
        """Raises ObjectMissing."""

    def close(self) -> None:
        """Give back what was opened to reach it, once nobody uses it any more."""
