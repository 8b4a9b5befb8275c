"""Ports that the operating system gives once and a file remembers."""

from __future__ import annotations

import socket
from pathlib import Path

from control_plane.embedded.private_files import write_private


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def remembered_port(path: Path) -> int:
    """The port of the last start while it is free, else a new one: addresses survive a restart."""
    if path.exists() and is_free(port := int(path.read_text())):
        return port
    port = free_port()
    write_private(path, str(port))
    return port
