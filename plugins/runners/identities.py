"""User ids that tasks run under when the worker is root: one for each, nobody else's."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plugins.runners.leftovers import wipe

FIRST, LAST = 60100, 64900
"""The ids used: above those of people and services, below `nobody`, and never put into the list of users."""


class NoIdentity(RuntimeError):
    """Every id is in use."""


@contextmanager
def borrow() -> Iterator[int | None]:
    """An id that no other task on this machine has for now; None when the worker is not root and cannot change it.

    Ids go round, so that one that was just used is the last to be used again, and whatever an id has left in places
    that all tasks share is removed when it is given back; before it is lent too, in case a worker died with it.
    An id is held by an abstract socket of its number, which the system frees when the worker dies.
    """
    if os.geteuid() != 0:
        yield None
        return
    with _hold_one() as identity:
        wipe(identity)
        try:
            yield identity
        finally:
            wipe(identity)


_turn = itertools.count(int.from_bytes(os.urandom(4), "big"))
"""Each process begins somewhere else: two workers on a machine seldom meet."""


@contextmanager
def _hold_one() -> Iterator[int]:
    for _ in range(LAST - FIRST):
        identity = FIRST + next(_turn) % (LAST - FIRST)
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
