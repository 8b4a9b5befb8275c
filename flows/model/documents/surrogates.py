"""Characters that JSON writes as a pair of escapes, which YAML does not know: `"\\ud83d\\ude00"` for one face.

Whatever writes JSON may write them, and JSON is YAML in all else. Only inside of double quotes is an escape one.
"""

from __future__ import annotations

import re
from typing import Any

_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_REST_OF_TEXT = re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL)
_COMPLAINT = "invalid Unicode character escape code"


def is_json(text: str) -> bool:
    """Whether all texts in it stand in double quotes."""
    return text.lstrip().startswith("{")


def joined(text: str) -> str:
    """The text with each pair as the one escape that YAML has for it."""
    return _PAIR.sub(_one, text)


def joined_at(text: str, error: Any) -> str | None:
    """The same for what stands in the quotes in which the parser found a half; None when it complains of another
    thing, or of a half without the other one."""
    mark = getattr(error, "problem_mark", None)
    if mark is None or _COMPLAINT not in str(getattr(error, "problem", "")):
        return None
    lines = text.splitlines(keepends=True)
    # It is marked behind the letter of the escape.
    start = sum(map(len, lines[: mark.line])) + mark.column - len("\\u")
    found = _REST_OF_TEXT.match(text, start)
    end = found.end() if found else start
    changed = joined(text[start:end])
    return None if changed == text[start:end] else text[:start] + changed + text[end:]


def _one(pair: re.Match[str]) -> str:
    high, low = int(pair[2], 16), int(pair[3], 16)
    return f"{pair[1]}\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"
