"""Files of a namespace as a ZIP: unpacked with distrust, packed as a stream."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

from control_plane.kernel.config import config
from control_plane.kernel.words.errors import Invalid, TooLarge
from plugins.storage.port import ObjectMissing
from stores.files.contents import Keeping, Kept, check_size
from stores.files.paths import below, file_path
from stores.storage.keys import BadAddress
from stores.storage.place import storage

MOST_ENTRIES = 10_000
_CHUNK = 256 * 1024
_REFUSED = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError)
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)


def unpack(source: BinaryIO, folder: str, contents: Keeping) -> list[Kept]:
    """Keep each file of an archive, to be written below a folder. Nothing is kept before all names have been looked at.

    Raises Invalid for links and other things that are no files, names that lead elsewhere or come twice, what is
    encrypted or broken; TooLarge for more than an archive may hold, also when its directory tells less.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            entries = _checked(archive, folder)
            left = config().limits.namespace_archive_bytes
            kept = []
            for path, entry in entries.items():
                with archive.open(entry) as stream:
                    kept.append(contents.put(path, cast(BinaryIO, _Counted(stream, min(left, entry.file_size)))))
                left -= kept[-1].size
            return kept
    except _REFUSED as error:
        raise Invalid(f"The archive cannot be read: {error}") from error


def _checked(archive: zipfile.ZipFile, folder: str) -> dict[str, zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not _is_note(entry)]
    if len(entries) > MOST_ENTRIES:
        raise TooLarge(f"an archive holds at most {MOST_ENTRIES} files")
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        _check_kind(entry)
        path = _path(entry, folder)
        if entry.is_dir():
            continue
        if path in found:
            raise Invalid(f"The archive names '{path[:200]}' twice")
        check_size(entry.file_size)
        found[path] = entry
    most = config().limits.namespace_archive_bytes
    if sum(entry.file_size for entry in found.values()) > most:
        raise TooLarge(f"an archive unpacks to at most {most} bytes")
    return found


def _check_kind(entry: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Invalid(f"'{entry.filename[:200]}' is a link, or no file")
    if entry.flag_bits & 0x1:
        raise Invalid(f"'{entry.filename[:200]}' is encrypted")


def _path(entry: zipfile.ZipInfo, folder: str) -> str:
    """The name as it was packed: the library cuts it at a NUL."""
    name = entry.orig_filename
    if name.startswith("/") or "\\" in name:
        raise Invalid(f"'{name[:200]}' is no path in an archive")
    try:
        return file_path(below(folder) + name)
    except BadAddress as error:
        raise Invalid(f"'{name[:200]}' is no path in an archive: {error.message}") from None


def _is_note(entry: zipfile.ZipInfo) -> bool:
    """What a Mac notes beside each file."""
    return entry.filename.startswith("__MACOSX/")


class _Counted:
    """A stream that ends with an error where it holds more than it may."""

    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._left = stream, most

    def read(self, size: int = -1) -> bytes:
        try:
            piece: bytes = self._stream.read(_CHUNK if size < 0 else size)
        except _BROKEN as error:
            raise Invalid(f"The archive cannot be read: {error}") from error
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge("the archive holds more than it says")
        return piece


def pack(files: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """A ZIP of (path, key of its content), in pieces. One that was deleted meanwhile is left out."""
    target = _Pieces()
    with zipfile.ZipFile(cast(BinaryIO, target), "w", zipfile.ZIP_DEFLATED) as archive:
        for path, key in files:
            try:
                source = storage().open(key)
            except ObjectMissing:
                continue
            with source, archive.open(path.lstrip("/"), "w", force_zip64=True) as entry:
                while piece := source.read(_CHUNK):
                    entry.write(piece)
                    yield from target.taken()
            yield from target.taken()
    yield from target.taken()


class _Pieces:
    """What the library has written and nobody has taken yet. It is told of no way back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces
