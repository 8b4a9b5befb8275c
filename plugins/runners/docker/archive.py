"""Files on their way into a container and back, as tar archives: nothing that comes back leads out of its folder."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from plugins.contracts import LogLevel, PluginError, RunContext
from plugins.working_directory.files import make_folders, safe_path, write_file

_CHUNK = 1 << 16


def packed(folders: Iterable[Path], target: BinaryIO) -> None:
    """Write the folders with all that is in them, at their own paths; whoever the container runs as may change them."""
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for folder in folders:
            archive.add(folder, arcname=str(folder).lstrip("/"), filter=_open_to_all)


def _open_to_all(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The archive lands in a file system that only this container has."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    if not member.issym():
        member.mode = 0o777 if member.isdir() or member.mode & 0o100 else 0o666
    return member


def unpack(ctx: RunContext, chunks: Iterator[bytes], workdir: Path) -> None:
    """Put the files of an archive of one folder into the working directory. Only folders and plain files are taken."""
    left_out = 0
    try:
        with tarfile.open(fileobj=_Stream(chunks), mode="r|") as archive:
            for member in archive:
                _root, _, name = member.name.strip("/").removeprefix("./").partition("/")
                if name and member.isdir():
                    make_folders(workdir, safe_path(workdir, name))
                elif name and member.isreg():
                    _take(archive, member, workdir, name)
                elif name:
                    left_out += 1
    except tarfile.TarError as error:
        raise PluginError(f"The files of the container cannot be read: {error}") from error
    if left_out:
        ctx.log(LogLevel.DEBUG, f"{left_out} links and special files were left in the container")


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, workdir: Path, name: str) -> None:
    source = archive.extractfile(member)
    if source is not None:
        path = write_file(workdir, name, source)  # type: ignore[arg-type]  # a stream of bytes in all but its type
        os.chmod(path, 0o644 | (member.mode & 0o111))


class _Stream(io.RawIOBase):
    """Chunks as a file that is read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        taken = self._rest if size < 0 else self._rest[:size]
        self._rest = self._rest[len(taken) :]
        return taken
