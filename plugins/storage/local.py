"""Objects as files of a folder of this machine."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from control_plane.kernel.words.errors import StorageFull
from control_plane.kernel.words.ids import new_id
from plugins.storage.port import AlreadyThere, NameTaken, ObjectMissing, StoredObject

_CHUNK = 1 << 20
_UNFINISHED = ".unfinished"
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class LocalStorage:
    """Keeps each object as a file under one folder that nobody else may enter.

    An object is written beside its place and moved there when it is on the disk, so that a crash leaves no half of it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (root / _UNFINISHED).mkdir(exist_ok=True, mode=0o700)

    def put(self, key: str, source: BinaryIO, *, only_new: bool = False) -> int:
        path = self._path(key)
        unfinished = self._root / _UNFINISHED / new_id()
        try:
            size = self._write(unfinished, source)
            self._move(unfinished, path, only_new)
        except FileExistsError:
            raise (AlreadyThere if path.is_file() else NameTaken) from None
        except (NotADirectoryError, IsADirectoryError):
            raise NameTaken from None
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StorageFull("the storage is full") from error
            raise
        finally:
            unfinished.unlink(missing_ok=True)
        return size

    def _write(self, path: Path, source: BinaryIO) -> int:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
            target.flush()
            os.fsync(descriptor)
            return target.tell()

    def _move(self, unfinished: Path, path: Path, only_new: bool) -> None:
        """A folder on the way may be removed by a delete that finds it empty: then it is made again."""
        for _ in range(16):
            self._make_folder(path.parent)
            try:
                (os.link if only_new else os.replace)(unfinished, path)
            except FileNotFoundError:
                continue
            _sync(path.parent)
            return
        raise OSError(f"{path.parent} cannot be kept")

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and make sure that it is still there after a loss of power."""
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            folder.mkdir(mode=0o700)
            _sync(folder.parent)

    def open(self, key: str, start: int = 0, length: int | None = None) -> BinaryIO:
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise ObjectMissing from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ObjectMissing
        file = os.fdopen(descriptor, "rb")
        file.seek(start)
        return file if length is None else io.BufferedReader(_Part(file, length))

    def stat(self, key: str) -> StoredObject | None:
        try:
            about = self._path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not stat.S_ISREG(about.st_mode):
            return None
        return StoredObject(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    def list(self, prefix: str) -> Iterator[StoredObject]:
        yield from self._below(prefix.rstrip("/"))

    def _below(self, key: str) -> Iterator[StoredObject]:
        folder = self._path(key) if key else self._root
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in sorted(entries, key=lambda each: each.name + ("/" if each.is_dir() else "")):
            below = f"{key}/{entry.name}" if key else entry.name
            if entry.is_dir(follow_symlinks=False):
                if below != _UNFINISHED:
                    yield from self._below(below)
            elif (found := self.stat(below)) is not None:
                yield found

    def delete(self, key: str) -> bool:
        path = self._path(key)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
            return False
        self._prune(path.parent)
        return True

    def delete_prefix(self, prefix: str) -> int:
        count = 0
        for found in self.list(prefix):
            self._path(found.key).unlink(missing_ok=True)
            count += 1
        folder = self._path(prefix.rstrip("/")) if prefix.rstrip("/") else self._root
        if folder != self._root and folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            self._prune(folder.parent)
        return count

    def copy(self, source: str, target: str) -> None:
        with self.open(source) as stream:
            self.put(target, stream)

    def close(self) -> None:
        """Nothing stays open between two acts."""

    def _prune(self, folder: Path) -> None:
        """Remove folders that have become empty."""
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _path(self, key: str) -> Path:
        """The last guard: keys are made by the platform, and one that is not plain is a bug."""
        parts = key.split("/")
        if not key or any(part in ("", ".", "..") or "\x00" in part for part in parts):
            raise ValueError(f"{key!r} is no key")
        return self._root.joinpath(*parts)


class _Part(io.RawIOBase):
    """So many bytes of a file from where it stands."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._left = length

    def readinto(self, buffer: Any) -> int:
        chunk = self._file.read(min(len(buffer), self._left))
        self._left -= len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()


def _sync(folder: Path) -> None:
    """A name in a folder is durable once the folder itself is written."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
