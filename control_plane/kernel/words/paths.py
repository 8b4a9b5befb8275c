"""The path of a request: decoded once, segment by segment, so that an encoded slash never parts one in two."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, unquote

# Stands for a slash inside a segment while addresses are matched. It is no character of any text (Unicode says so of
# U+FDD0), so nothing else is taken for it, and no pattern of an address takes it for a slash.
_SLASH = "\ufdd0"
_QUOTED = quote(_SLASH)


class Unreadable(ValueError):
    """These bytes are the path of no address."""


def decoded(raw: bytes) -> str:
    """The path as addresses are matched against. Raises Unreadable for what is no percent-encoded UTF-8 without NUL."""
    try:
        sent = raw.decode("ascii")
        path = "/".join(_segment(each) for each in sent.split("/")) if "%" in sent else sent
    except UnicodeDecodeError:
        raise Unreadable("the path is not percent-encoded UTF-8") from None
    if "\x00" in path:
        raise Unreadable("an address cannot hold a NUL character")
    return path


def _segment(sent: str) -> str:
    text = unquote(sent, errors="strict")
    if _SLASH in text:
        raise Unreadable("the path holds U+FDD0, which is no character")
    return text.replace("/", _SLASH)


def parts(matched: Mapping[str, str]) -> dict[str, str]:
    """The parts of a matched path as they were sent, a slash being a slash again."""
    return {name: value.replace(_SLASH, "/") for name, value in matched.items()}


def shown(quoted: str) -> str:
    """A quoted path as it was sent, for whoever is told of it."""
    return quoted.replace(_QUOTED, "%2F")
