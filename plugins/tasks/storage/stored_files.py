"""What tasks about stored files share."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from plugins.contracts import PluginError, Property, RunContext
from plugins.working_directory.files import STORAGE, open_source


def open_file(ctx: RunContext, uri: str) -> BinaryIO:
    """A stream of a stored or namespace file. Raises PluginError for a text that is no address."""
    source = open_source(ctx, uri.strip())
    if source is None:
        raise PluginError(f"`{uri[:200]}` is no address of a stored file", retryable=False)
    return source


@contextmanager
def new_file(ctx: RunContext) -> Iterator[BinaryIO]:
    """A file to write, which nobody sees until it is stored."""
    with tempfile.TemporaryFile(dir=ctx.workdir) as file:
        yield file


def keep(ctx: RunContext, file: BinaryIO, name: str) -> str:
    """Store what was written, from its beginning."""
    file.flush()
    file.seek(0)
    return ctx.store(file, name)


def ending_of(uri: str) -> str:
    """The extension of a file's name, with its dot: `.csv`, or nothing."""
    name = uri.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return f".{ending}" if dot and stem and ending.isalnum() else ""


def addresses_of(ctx: RunContext, value: Any) -> list[str]:
    """Addresses given as a list, as a text with one, or as a text that renders to the JSON list of some."""
    prop = Property[Any](value)
    rendered = ctx.render(prop) if isinstance(value, str) else ctx.render_any(value)
    if isinstance(rendered, str):
        text = rendered.strip()
        if text.startswith("["):
            return [str(item) for item in _json(text)]
        return [text]
    if isinstance(rendered, dict):
        return [str(item) for item in rendered.values()]
    if not isinstance(rendered, list):
        raise PluginError(f"Addresses beginning with {STORAGE} are expected", retryable=False)
    return [str(item) for item in rendered]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise PluginError("This list of addresses cannot be read", retryable=False) from None
