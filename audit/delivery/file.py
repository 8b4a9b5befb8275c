"""Lines in a file of this machine, on the disk before they count as sent."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from audit.delivery.destinations import Batch, DeliveryFailed


@dataclass(frozen=True)
class File:
    """Opened for each batch, so that it may be rotated; one writer at a time."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.as_uri()

    def send(self, batch: Batch) -> None:
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                end = file.seek(0, os.SEEK_END)
                # What a crash cut off in the middle of a line is left behind as a line of its own.
                torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
                _write(descriptor, (b"\n" if torn else b"") + batch.text)
                os.fsync(descriptor)
        except OSError as error:
            raise DeliveryFailed(f"{self.path}: {error.strerror}") from error


def _write(descriptor: int, text: bytes) -> None:
    view = memoryview(text)
    while view:
        view = view[os.write(descriptor, view) :]
