"""Functions of jq for texts."""

from __future__ import annotations

from typing import Any

from flows.expressions.jq.errors import JqError
from flows.expressions.jq.natives import value
from flows.expressions.jq.values import kind_of, shown, split
from flows.expressions.limits import Run

UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def text(run: Run, given: Any, name: str) -> str:
    if not isinstance(given, str):
        raise JqError(f"{shown(given, run)} cannot be used by {name}, as it is not a string")
    return given


@value("ascii_upcase")
def ascii_upcase(run: Run, given: Any) -> str:
    return text(run, given, "ascii_upcase").translate(UPPER)


@value("ascii_downcase")
def ascii_downcase(run: Run, given: Any) -> str:
    return text(run, given, "ascii_downcase").translate(LOWER)


@value("explode")
def explode(run: Run, given: Any) -> list[int]:
    found = text(run, given, "explode")
    run.room_for_items(len(found))
    return [ord(sign) for sign in found]


@value("implode")
def implode(run: Run, given: Any) -> str:
    if not isinstance(given, list):
        raise JqError("implode input must be an array")
    return run.made_text("".join(_sign(each) for each in given))


def _sign(code: Any) -> str:
    if kind_of(code) != "number" or not 0 <= code < 0x110000:
        raise JqError("Unicode codepoint must be numeric")
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(int(code))


@value("utf8bytelength")
def utf8bytelength(run: Run, given: Any) -> int:
    return len(text(run, given, "utf8bytelength").encode("utf-8", "replace"))


@value("startswith", 1)
def startswith(run: Run, given: Any, prefix: Any) -> bool:
    return text(run, given, "startswith").startswith(text(run, prefix, "startswith"))


@value("endswith", 1)
def endswith(run: Run, given: Any, suffix: Any) -> bool:
    return text(run, given, "endswith").endswith(text(run, suffix, "endswith"))


@value("ltrimstr", 1)
def ltrimstr(run: Run, given: Any, prefix: Any) -> Any:
    """What is no text stays as it is."""
    return given.removeprefix(prefix) if isinstance(given, str) and isinstance(prefix, str) else given


@value("rtrimstr", 1)
def rtrimstr(run: Run, given: Any, suffix: Any) -> Any:
    return given.removesuffix(suffix) if isinstance(given, str) and isinstance(suffix, str) else given


@value("trim")
def trim(run: Run, given: Any) -> str:
    return text(run, given, "trim").strip()


@value("ltrim")
def ltrim(run: Run, given: Any) -> str:
    return text(run, given, "ltrim").lstrip()


@value("rtrim")
def rtrim(run: Run, given: Any) -> str:
    return text(run, given, "rtrim").rstrip()


@value("split", 1)
def split_text(run: Run, given: Any, separator: Any) -> list[str]:
    return split(run, text(run, given, "split"), text(run, separator, "split"))
