"""User ids that tasks run under when the worker is root: one for each, nobody else's."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FIRST, LAST = 60100, 64900
"""The ids used: above those of people and services, below `nobody`, and never put into the list of users."""


class NoIdentity(RuntimeError):
    """Every id is in use."""


@contextmanager
def borrow() -> Iterator[int | None]:
    """An id that no other task on this machine has for now; None when the worker is not root and cannot change it.

    An id is held by an abstract socket of its number, which the system frees when the worker dies.
    """
    if os.geteuid() != 0:
        yield None
        return
    with _hold_one() as identity:
        yield identity


@contextmanager
def _hold_one() -> Iterator[int]:
    for identity in range(FIRST, LAST):
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0orrery-task-uid-{identity}")
        except OSError:
            holder.close()
            continue
        with holder:
            yield identity
        return
    raise NoIdentity("no user id is free for the task")


def hand_over(directory: Path, identity: int) -> None:
    """Make everything in the working directory the task's own. Links are handed over, not what they lead to."""
    os.chmod(directory, 0o700)
    os.chown(directory, identity, identity)
    for folder, names, files in os.walk(directory, followlinks=False):
        for name in (*names, *files):
            os.chown(Path(folder, name), identity, identity, follow_symlinks=False)


def privileges(identity: int | None) -> dict[str, Any]:
    """What `Popen` needs to run a program under that id and no group."""
    return {} if identity is None else {"user": identity, "group": identity, "extra_groups": []}
