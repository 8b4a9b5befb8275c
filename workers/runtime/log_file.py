"""The log of an attempt whose task keeps it in a file: its lines are none of the report, so there may be any number."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import BinaryIO, cast

from plugins.contracts import LogLevel

_SPOOLED = 1024 * 1024


class LogFile:
    """Lines with their time and level, as they are written; past a megabyte they are on disk."""

    def __init__(self, directory: Path) -> None:
        self._file = tempfile.SpooledTemporaryFile(_SPOOLED, dir=str(directory))  # noqa: SIM115  # closed by `close`

    def write(self, timestamp: str, level: LogLevel, text: str) -> None:
        self._file.write(f"{timestamp} {level.value} {text}\n".encode())

    def content(self) -> BinaryIO:
        """From its beginning."""
        self._file.seek(0)
        return cast(BinaryIO, self._file)

    def close(self) -> None:
        self._file.close()
