"""What requests about flows carry, read from whatever form it came in."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError
from rest_framework.request import Request

from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.errors import from_pydantic
from control_plane.kernel.words.errors import Invalid
from flows.services.targets import Name


class NamedFlow(Body):
    """A flow as bulk requests name it."""

    namespace: str
    id: str


class PluginVersion(Body):
    """A plugin in one of its versions."""

    cls: str
    version: str | None = None


_NAMES = TypeAdapter(list[NamedFlow])
_PLUGINS = TypeAdapter(list[PluginVersion])


def names_in(request: Request) -> list[Name]:
    """A JSON list of `{namespace, id}`."""
    try:
        named = _NAMES.validate_python(request.data)
    except ValidationError as error:
        raise from_pydantic(error) from None
    return [Name(each.namespace, each.id) for each in named]


def plugins_in(request: Request) -> list[PluginVersion]:
    """A JSON list of `{cls, version}`."""
    try:
        return _PLUGINS.validate_python(request.data)
    except ValidationError as error:
        raise from_pydantic(error) from None


def source_in(request: Request) -> str:
    """A flow as text: YAML, or JSON, which is YAML too. Multipart carries it in any one part."""
    data: Any = request.data
    if isinstance(data, str):
        return data
    if isinstance(data, bytes):
        return _text(data)
    if hasattr(data, "lists"):
        return "\n---\n".join(_part(part) for _, parts in data.lists() for part in parts)
    if not data:
        raise Invalid("a flow is expected as the body")
    return json.dumps(data, ensure_ascii=False)


def _part(part: Any) -> str:
    return part if isinstance(part, str) else _text(part.read())


def upload_in(request: Request) -> bytes:
    """The file of a multipart upload, in its part `fileUpload`."""
    part = request.FILES.get("fileUpload")
    if part is not None:
        content: bytes = part.read()
        return content
    data: Any = request.data
    text = data.get("fileUpload") if hasattr(data, "get") else data
    if isinstance(text, bytes):
        return text
    if isinstance(text, str) and text:
        return text.encode()
    raise Invalid("the upload is expected in the part `fileUpload`")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"the text is not UTF-8: byte {error.start}") from None
