"""Texts as they can be sent: JSON can spell halves of characters, UTF-8 cannot."""

from __future__ import annotations

from typing import Any


def readable(text: str) -> str:
    """The text with a replacement mark for each half of a character."""
    return text.encode("utf-8", "replace").decode()


def readable_deep(value: Any) -> Any:
    """Every text of a value made readable, names of maps included."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {readable_deep(key): readable_deep(each) for key, each in value.items()}
    return [readable_deep(each) for each in value] if isinstance(value, list | tuple) else value
