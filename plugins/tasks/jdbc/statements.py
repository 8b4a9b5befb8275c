"""Reading SQL just far enough: where one statement ends, and which named parameters it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_PIECE = re.compile(
    r"""
    (?P<line>--[^\n]*)
    |(?P<block>/\*.*?(?:\*/|$))
    |(?P<text>'(?:[^']|'')*(?:'|$))
    |(?P<name>"(?:[^"]|"")*(?:"|$))
    |(?P<dollar>\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|$))
    |(?P<cast>::)
    |(?P<parameter>:[A-Za-z_]\w*)
    |(?P<end>;)
    |(?P<word>\w+)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def split(sql: str) -> list[str]:
    """The statements of a script; empty ones and lone comments are left out."""
    statements, current, has_code = [], "", False
    for kind, text in _pieces(sql):
        if kind == "end":
            if has_code:
                statements.append(current.strip())
            current, has_code = "", False
            continue
        current += text
        has_code = has_code or (kind not in ("line", "block") and not text.isspace())
    return [*statements, current.strip()] if has_code else statements


def with_parameters(sql: str, spell: Callable[[str], str], escape: Callable[[str], str] = str) -> tuple[str, list[str]]:
    """The statement with each `:name` spelt for a driver, and the names; everything else passes through `escape`."""
    names: list[str] = []
    parts = []
    for kind, text in _pieces(sql):
        if kind == "parameter":
            names.append(text[1:])
            parts.append(spell(text[1:]))
        else:
            parts.append(escape(text))
    return "".join(parts), names


def _pieces(sql: str) -> Iterator[tuple[str, str]]:
    for piece in _PIECE.finditer(sql):
        yield str(piece.lastgroup if piece.lastgroup != "tag" else "dollar"), piece.group()
