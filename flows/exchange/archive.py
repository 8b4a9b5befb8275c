"""Flows as a file to carry away and bring back: a zip of YAML documents, or YAML documents in one text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from control_plane.kernel.words.errors import Invalid, TooLarge

_MOST_ENTRIES = 10_000
_MOST_BYTES = 64 * 1024 * 1024
_ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP_MAGIC = b"PK\x05\x06"


def pack(flows: Iterable[tuple[str, str, str]]) -> bytes:
    """A zip with one `<namespace>-<id>.yml` for each (namespace, id, source): of the same flows the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for namespace, flow_id, source in flows:
            archive.writestr(_entry(f"{namespace}-{flow_id}.yml"), source)
    return target.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Without the time of now, which the library writes into an entry that is a name."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def unpack(content: bytes) -> list[tuple[str, str]]:
    """The YAML texts in an upload, each with the name of its entry, "" outside of an archive.

    Raises Invalid when it is neither, TooLarge for more than is ever exported.
    """
    if content.startswith((_ZIP_MAGIC, _EMPTY_ZIP_MAGIC)):
        return list(_unzip(content))
    try:
        return [("", content.decode("utf-8-sig"))]
    except UnicodeDecodeError as error:
        raise Invalid("The upload is neither a zip archive nor YAML in UTF-8") from error


def _unzip(content: bytes) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _is_flow(entry)]
            _check_size(entries)
            for entry in entries:
                yield entry.filename, _read(archive, entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise Invalid("The zip archive cannot be read") from error


def _is_flow(entry: zipfile.ZipInfo) -> bool:
    """What a Mac notes beside each file bears the file's name, and is none."""
    path = PurePosixPath(entry.filename)
    is_note = "__MACOSX" in path.parts or path.name.startswith("._")
    return not entry.is_dir() and not is_note and path.suffix in (".yml", ".yaml")


def _check_size(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise TooLarge("The archive holds more than is accepted at once")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Reads no more than the entry says it holds: a header that lies cannot fill the memory."""
    with archive.open(entry) as stream:
        content = stream.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise Invalid(f"{entry.filename} is larger than the archive says")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{entry.filename} is not UTF-8") from error
