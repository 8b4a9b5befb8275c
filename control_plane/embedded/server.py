"""What an embedded server is: its preparation, its command, its health, its clean end."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from control_plane.embedded.leftovers import end


class ServerFailed(Exception):
    """An embedded server did not start; the message ends with its last log lines."""


class EmbeddedServer(Protocol):
    """Started by whoever calls, in this order: prepare, command, is_ready, provision; ended by `stop_signal`."""

    @property
    def name(self) -> str: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...
    def is_ready(self) -> bool: ...
    def provision(self) -> None: ...


def clean_environment() -> dict[str, str]:
    """What a server binary may know: none of our secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def launch(server: EmbeddedServer, log: Path) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, out of reach of the terminal's Ctrl-C, and wait until it is usable."""
    server.prepare()
    with log.open("ab") as sink:
        process = subprocess.Popen(
            server.command(),
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait_until_ready(server, process, log)
    server.provision()
    return process


def stop(server: EmbeddedServer, process: subprocess.Popen[bytes]) -> None:
    end(process.pid, server.stop_signal)
    process.wait()


@contextmanager
def running(server: EmbeddedServer, log: Path) -> Iterator[None]:
    """The server for the length of a block."""
    process = launch(server, log)
    try:
        yield
    finally:
        stop(server, process)


def _wait_until_ready(server: EmbeddedServer, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while not server.is_ready():
        if process.poll() is not None:
            raise ServerFailed(f"{server.name} ended with {process.returncode}:\n{last_lines(log)}")
        if time.monotonic() > until:
            stop(server, process)
            raise ServerFailed(f"{server.name} is not ready after 60 s:\n{last_lines(log)}")
        time.sleep(0.02)


def last_lines(log: Path, count: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
