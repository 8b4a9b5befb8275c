"""A process of its own that puts a long file and reads it again, and tells how much memory it ever had."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from plugins.storage.azure import AzureStorage
from plugins.storage.gcs import GcsStorage
from plugins.storage.s3 import S3Storage

KINDS: dict[str, Any] = {"s3": S3Storage, "gcs": GcsStorage, "azure": AzureStorage}
_PIECE = bytes(range(256)) * 4096


class Long(io.RawIOBase):
    def __init__(self, size: int) -> None:
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        given = min(len(buffer), len(_PIECE), self.left)
        buffer[:given] = _PIECE[:given]
        self.left -= given
        return given


def main(kind: str, settings: str, size: int) -> None:
    storage = KINDS[kind](**json.loads(settings))
    assert storage.put("t/long", io.BufferedReader(Long(size))) == size
    read = 0
    with storage.open("t/long") as stream:
        while piece := stream.read(1 << 20):
            read += len(piece)
    storage.close()
    print(json.dumps({"read": read, "memory": _most_memory()}))


def _most_memory() -> int:
    """Bytes. The kernel's account of a process has what its parent had before it began; that of its memory has not."""
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
