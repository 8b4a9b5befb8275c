"""What resolving inputs needs from outside: somewhere to put files, and a way to close secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent with the request: its own name, and whatever the keeper of files can read it from."""

    name: str
    content: Any


@dataclass(frozen=True, slots=True)
class Keepers:
    """`keep_file(input id, upload)` stores an upload and returns its `kestra://` address; None only checks.

    `close_secret(text)` encrypts a SECRET into what may be stored; None means that encryption is not configured.
    """

    keep_file: Callable[[str, Upload], str] | None = None
    close_secret: Callable[[str], Any] | None = None


NO_KEEPERS = Keepers()
