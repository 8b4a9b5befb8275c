"""The request that an HTTP task describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import httpx

from plugins.contracts import PluginError, Property, RunContext
from plugins.working_directory.files import STORAGE

FORM = "application/x-www-form-urlencoded"


class Described(Protocol):
    """What an HTTP task says of its request."""

    @property
    def uri(self) -> Property[str]: ...

    @property
    def method(self) -> Property[Any]: ...

    @property
    def params(self) -> Property[dict[str, Any]]: ...

    @property
    def body(self) -> Property[str] | None: ...

    @property
    def form_data(self) -> Property[dict[str, Any]] | None: ...

    @property
    def content_type(self) -> Property[str]: ...

    @property
    def headers(self) -> Property[dict[str, Any]]: ...

    @property
    def model_fields_set(self) -> set[str]: ...


def build_request(client: httpx.Client, ctx: RunContext, task: Described) -> httpx.Request:
    """The request that the task describes. What its own headers say of the content wins over the default."""
    given = ctx.render(task.headers)
    own = {str(name): _text(ctx, value) for name, value in given.items()}
    headers = httpx.Headers(own)
    parts, content_type = _content(ctx, task, has_headers=bool(own))
    is_default = "content_type" not in task.model_fields_set
    if content_type is not None and not (is_default and "content-type" in headers):
        headers["Content-Type"] = content_type
    params = ctx.render(task.params)
    url = with_params(ctx, ctx.render(task.uri), params)
    return client.build_request(ctx.render(task.method), url, headers=headers, **parts)


def _content(ctx: RunContext, task: Described, *, has_headers: bool) -> tuple[dict[str, Any], str | None]:
    """What is sent, and the Content-Type to send it with. One without content has a type when nothing else is said."""
    content_type = ctx.render(task.content_type)
    if task.form_data is not None:
        fields = ctx.render(task.form_data)
        if content_type.startswith("multipart/"):
            return {"files": [(name, _part(ctx, value)) for name, value in fields.items()]}, None
        return _form({name: _text(ctx, value) for name, value in fields.items()}, content_type)
    if task.body is not None:
        charset = _charset(content_type)
        with_charset = content_type if charset else f"{content_type}; charset=UTF-8"
        return {"content": _encoded(ctx.render(task.body), charset or "utf-8")}, with_charset
    return {}, None if has_headers and "content_type" not in task.model_fields_set else content_type


def _form(fields: Mapping[str, str], content_type: str) -> tuple[dict[str, Any], str]:
    """In the charset that is named, else in the one of old for forms; what that cannot spell is sent in UTF-8."""
    named = _charset(content_type) if content_type.startswith(FORM) else None
    charset = named or "ISO-8859-1"
    if named is None and not all(_is_spelt(text, charset) for pair in fields.items() for text in pair):
        charset = "UTF-8"
    try:
        content = urlencode(fields, encoding=charset, errors="replace")
    except LookupError:
        raise PluginError(f"Nobody knows the charset `{charset}`", retryable=False) from None
    return {"content": content.encode()}, content_type if named else f"{FORM}; charset={charset}"


def _is_spelt(text: str, charset: str) -> bool:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _charset(content_type: str) -> str | None:
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"') or None
    return None


def _encoded(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset, "replace")
    except LookupError:
        raise PluginError(f"Nobody knows the charset `{charset}`", retryable=False) from None


def with_params(ctx: RunContext, uri: str, params: Mapping[str, Any]) -> httpx.URL:
    """The address with further parameters, a space as `%20`; a list gives a parameter several values."""
    url = httpx.URL(uri)
    added = "&".join(
        f"{quote(str(name), safe='')}={quote(_text(ctx, value), safe='')}"
        for name, given in params.items()
        for value in (given if isinstance(given, list) else [given])
    )
    query = b"&".join(part for part in (url.query, added.encode()) if part)
    return url.copy_with(query=query) if added else url


def _part(ctx: RunContext, value: Any) -> Any:
    """One field of a multipart form: a file when it is an address or says a file name."""
    if isinstance(value, Mapping) and "content" in value:
        content = _text(ctx, value["content"])
        name = _text(ctx, value.get("name")) or content.rpartition("/")[2]
        return name, ctx.open(content) if content.startswith(STORAGE) else content.encode()
    text = _text(ctx, value)
    if text.startswith(STORAGE):
        return text.rpartition("/")[2], ctx.open(text)
    return None, text.encode()


def _text(ctx: RunContext, value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else str(ctx.render_any("{{ it }}", {"it": value}))
