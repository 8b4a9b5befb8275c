"""A multipart body that breaks off parses like a whole one with less in it; it must not start anything."""

from __future__ import annotations

import os
from email.message import Message
from typing import IO

from asgiref.typing import HTTPScope

from control_plane.kernel.words.errors import Invalid

_LONGEST_BOUNDARY = 200
_EPILOGUE = 64
"""Line ends that may follow the last boundary."""


def check_multipart(scope: HTTPScope, body: IO[bytes]) -> None:
    """Raise Invalid for a body that is said to be multipart and does not end as one. No body at all is fine."""
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    if not kind.lower().startswith(b"multipart/"):
        return
    size = body.seek(0, os.SEEK_END)
    boundary = _boundary(kind)
    if size and (boundary is None or not _is_whole(body, size, b"--" + boundary)):
        raise Invalid("the multipart body is broken: it does not end with its boundary")
    body.seek(0)


def _boundary(kind: bytes) -> bytes | None:
    message = Message()
    message["content-type"] = kind.decode("latin-1")
    found = message.get_param("boundary")
    is_one = isinstance(found, str) and 0 < len(found) <= _LONGEST_BOUNDARY
    return str(found).encode("latin-1", "replace") if is_one else None


def _is_whole(body: IO[bytes], size: int, delimiter: bytes) -> bool:
    body.seek(max(0, size - len(delimiter) - _EPILOGUE))
    return body.read().rstrip(b"\r\n \t").endswith(delimiter + b"--")
