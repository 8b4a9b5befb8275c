"""The formats of jq: `@csv`, `@sh` and their like."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flows.expressions.jq.errors import JqError
from flows.expressions.jq.values import json_of, kind_of, shown, text_of
from flows.expressions.limits import Run

HTML = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"})
TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def written(run: Run, name: str, value: Any) -> str:
    """Raises `JqError` for a format that does not exist, or a value that it cannot write."""
    writer = FORMATS.get(name)
    if writer is None:
        raise JqError(f"{name[1:]} is not a valid format")
    return run.made_text(writer(run, value))


def _row(run: Run, value: Any, name: str, quoted: Callable[[str], str], separator: str) -> str:
    if not isinstance(value, list):
        raise JqError(f"{shown(value, run)} cannot be {name}-formatted, only an array can be")
    run.step(len(value))
    return separator.join(_cell(run, each, name, quoted) for each in value)


def _cell(run: Run, value: Any, name: str, quoted: Callable[[str], str]) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list | dict):
        raise JqError(f"{shown(value, run)} is not valid in a {name} row")
    return json_of(run, value)


def _csv(run: Run, value: Any) -> str:
    return _row(run, value, "csv", lambda text: '"' + text.replace('"', '""') + '"', ",")


def _tsv(run: Run, value: Any) -> str:
    return _row(run, value, "tsv", lambda text: text.translate(TSV), "\t")


def _shell(run: Run, value: Any) -> str:
    words = value if isinstance(value, list) else [value]
    return " ".join(_shell_word(run, each) for each in words)


def _shell_word(run: Run, value: Any) -> str:
    if isinstance(value, list | dict):
        raise JqError(f"{shown(value, run)} can not be escaped for shell")
    return "'" + value.replace("'", "'\\''") + "'" if isinstance(value, str) else json_of(run, value)


def _encoded(encode: Callable[[bytes], bytes]) -> Callable[[Run, Any], str]:
    return lambda run, value: encode(text_of(run, value).encode("utf-8", "replace")).decode()


def _decoded(decode: Callable[[bytes], bytes], block: int, name: str) -> Callable[[Run, Any], str]:
    def write(run: Run, value: Any) -> str:
        text = text_of(run, value).encode("utf-8", "replace").rstrip(b"=")
        try:
            return decode(text + b"=" * (-len(text) % block)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise JqError(f"{kind_of(value)} is not valid {name} data") from None

    return write


FORMATS: dict[str, Callable[[Run, Any], str]] = {
    "@text": text_of,
    "@json": json_of,
    "@csv": _csv,
    "@tsv": _tsv,
    "@sh": _shell,
    "@html": lambda run, value: text_of(run, value).translate(HTML),
    "@uri": lambda run, value: quote(text_of(run, value), safe="-_.~!*'()", errors="replace"),
    "@base64": _encoded(base64.b64encode),
    "@base64d": _decoded(lambda data: base64.b64decode(data, validate=True), 4, "base64"),
    "@base32": _encoded(base64.b32encode),
    "@base32d": _decoded(base64.b32decode, 8, "base32"),
}
