"""The content of a message of a queue, as flows see it and as they write it."""

from __future__ import annotations

import json
from typing import Any, Literal

Serde = Literal["STRING", "JSON"]
"""Whether a content is a text, or the JSON of a value."""


def value_of(content: bytes | str, serde: Serde) -> Any:
    """A content that is no JSON is handed on as the text it is: nobody would ever get rid of it otherwise."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    text = text.replace("\x00", "\ufffd")
    if serde == "JSON":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def content_of(value: Any, serde: Serde) -> bytes:
    if serde == "STRING" and isinstance(value, str):
        return value.encode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace")
