"""What a task under a user id of its own leaves in places that all tasks share: it goes before the id is used again."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/var/lock", "/var/spool/cron")
"""Where anybody may write on an ordinary machine."""
_DEEPEST = 8
_RMID = 0


def wipe(identity: int, places: tuple[str, ...] = SHARED) -> None:
    """Remove every file of the user id in shared places, and its shared memory, semaphores and message queues."""
    for place in dict.fromkeys(os.path.realpath(each) for each in places):
        _wipe_folder(place, identity, _DEEPEST)
    _wipe_ipc(identity)


def _wipe_folder(folder: str, identity: int, depth: int) -> None:
    """Files of the id, and folders with all that is in them; into others' folders only where anybody may write."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):
            about = entry.stat(follow_symlinks=False)
            if about.st_uid == identity:
                _remove(Path(entry.path), is_folder=stat.S_ISDIR(about.st_mode))
            elif depth and stat.S_ISDIR(about.st_mode) and about.st_mode & stat.S_IWOTH:
                _wipe_folder(entry.path, identity, depth - 1)


def _remove(path: Path, *, is_folder: bool) -> None:
    if is_folder:
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _wipe_ipc(identity: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for number in _ipc_of("shm", "shmid", identity):
        libc.shmctl(number, _RMID, None)
    for number in _ipc_of("sem", "semid", identity):
        libc.semctl(number, 0, _RMID)
    for number in _ipc_of("msg", "msqid", identity):
        libc.msgctl(number, _RMID, None)


def _ipc_of(kind: str, number: str, identity: int) -> Iterator[int]:
    """Numbers of the objects that the id has made or owns."""
    try:
        heading, *lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()
    except (OSError, ValueError):
        return
    columns = heading.split()
    owners = [columns.index("uid"), columns.index("cuid")]
    for line in lines:
        values = line.split()
        if any(values[place] == str(identity) for place in owners):
            yield int(values[columns.index(number)])
