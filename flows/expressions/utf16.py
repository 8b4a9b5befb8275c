"""Lengths and positions of texts counted as Java counts them: a sign beyond 65,535 takes two places."""

from __future__ import annotations

HALF = "?"
"""What is left of a sign that was cut in two."""


def is_wide(text: str) -> bool:
    """Whether any sign of the text takes two places."""
    return not text.isascii() and max(text) > "\uffff"


def length(text: str) -> int:
    return len(text) + sum(sign > "\uffff" for sign in text) if is_wide(text) else len(text)


def units(text: str) -> list[str]:
    """The text place by place."""
    if not is_wide(text):
        return list(text)
    return [part for sign in text for part in ((HALF, HALF) if sign > "\uffff" else (sign,))]


def sliced(text: str, start: int, end: int) -> str:
    """From one place up to another, both within the text."""
    if not is_wide(text):
        return text[start:end]
    halves = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
    return "".join(HALF if "\ud800" <= sign <= "\udfff" else sign for sign in _decoded(halves))


def _decoded(halves: bytes) -> str:
    return halves.decode("utf-16-le", "surrogatepass")
