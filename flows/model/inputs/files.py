"""How an uploaded file is named."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from flows.model.inputs.definitions import FileInput, Input

DEFAULT_EXTENSION = ".upl"


def file_extension(definitions: Sequence[Input], input_id: str, file_name: str | None = None) -> str:
    """The extension an upload is kept with: what the input asks for, what the file has, or `.upl`."""
    wanted = next((entry for entry in definitions if entry.id == input_id), None)
    if isinstance(wanted, FileInput) and wanted.extension:
        return wanted.extension
    return posixpath.splitext(file_name or "")[1] or DEFAULT_EXTENSION
