"""Files of an execution in the internal storage: which of them it may be asked for, and what they begin with."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions.queries.kinship import may_read
from flows.expressions.documents.ion_reading import read as read_ion
from flows.expressions.errors import ExpressionError
from flows.expressions.limits import DEFAULT_LIMITS, Run
from plugins.storage.port import StoredObject
from stores.storage.keys import key_of, name_of
from stores.storage.place import storage

CHUNK = 64 * 1024
MOST_PREVIEWED = 1024 * 1024
_IMAGES = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "ico"})
_MARKDOWN = frozenset({"md", "markdown"})


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that this execution may be asked for."""

    key: str
    size: int

    @property
    def name(self) -> str:
        return name_of(self.key)

    @property
    def extension(self) -> str:
        return self.name.rpartition(".")[2].lower() if "." in self.name else ""

    def open(self, start: int = 0, length: int | None = None) -> BinaryIO:
        return storage().open(self.key, start, length)


def file_of(execution_id: str, uri: str) -> StoredFile:
    """The file of that address. NotFound when it is none that this execution may read."""
    key = key_of(current_tenant(), uri)
    if not may_read(execution_id, key):
        raise NotFound(f"'{uri[:200]}' is no file of execution '{execution_id}'")
    found: StoredObject | None = storage().stat(key)
    if found is None:
        raise NotFound(f"'{uri[:200]}' was not found")
    return StoredFile(key, found.size)


class Chunks:
    """Its bytes in pieces; it is closed by whoever was handed this, also when nobody has read any."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(CHUNK):
            yield piece


def preview(file: StoredFile, most_rows: int, encoding: str) -> dict[str, Any]:
    """What a person sees first of it: rows, text, or a picture. At most a megabyte is read."""
    shown = {"extension": file.extension, "truncated": False}
    with file.open(0, MOST_PREVIEWED) as stream:
        head = stream.read(MOST_PREVIEWED)
    is_cut = file.size > len(head)
    if file.extension in _IMAGES:
        content = "" if is_cut else base64.b64encode(head).decode()
        return {**shown, "type": "IMAGE", "content": content, "truncated": is_cut}
    if file.extension == "ion":
        return {**shown, **_rows(_decoded(head, encoding), most_rows, is_cut)}
    lines = _decoded(head, encoding).split("\n")
    kind = "MARKDOWN" if file.extension in _MARKDOWN else "TEXT"
    is_cut = is_cut or len(lines) > most_rows + (lines[-1] == "")
    content = "\n".join(lines[:most_rows]) if is_cut else "\n".join(lines)
    return {**shown, "type": kind, "content": content, "truncated": is_cut}


def _rows(text: str, most_rows: int, is_cut: bool) -> dict[str, Any]:
    """An Ion file has a row in each line; a last one that was cut off is left out."""
    lines = [line for line in text.splitlines() if line.strip()]
    lines = lines[:-1] if is_cut and lines else lines
    try:
        rows = [row for line in lines[:most_rows] for row in read_ion(Run(DEFAULT_LIMITS), line)]
    except ExpressionError:
        return {"type": "TEXT", "content": "\n".join(lines[:most_rows]), "truncated": is_cut}
    return {"type": "LIST", "content": rows, "truncated": is_cut or len(lines) > most_rows}


def _decoded(content: bytes, encoding: str) -> str:
    """A character that the encoding cannot read becomes a replacement mark; the last one may have been cut."""
    try:
        return io.TextIOWrapper(io.BytesIO(content), encoding, "replace", newline="").read()
    except LookupError:
        raise BadParameter(f"`encoding`: `{encoding[:50]}` is not known") from None
