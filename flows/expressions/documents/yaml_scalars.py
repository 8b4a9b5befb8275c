"""What an unquoted word of YAML means: YAML 1.1, but for times of 60 and dates, which stay texts."""

from __future__ import annotations

import re
from typing import Any

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_WHOLE = re.compile(
    r"(?P<sign>[-+]?)(?:0x(?P<hex>[0-9a-fA-F_]+)|0b(?P<binary>[01_]+)|(?P<octal>0[0-7_]+)|(?P<plain>0|[1-9][0-9_]*))",
    re.ASCII,
)
_BASES = {"hex": 16, "binary": 2, "octal": 8, "plain": 10}
_FRACTION = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+)",
    re.ASCII,
)
_SPECIAL = {
    ".inf": float("inf"),
    ".Inf": float("inf"),
    ".INF": float("inf"),
    "+.inf": float("inf"),
    "-.inf": float("-inf"),
    "-.Inf": float("-inf"),
    "-.INF": float("-inf"),
    ".nan": float("nan"),
    ".NaN": float("nan"),
    ".NAN": float("nan"),
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_WORD_STARTS = frozenset("tTfFyYnNoO~")
_LONGEST_NUMBER = 400


def resolve(word: str) -> Any:
    """The value of a plain scalar; the empty one is null. A number too long to be one stays a text."""
    if not word:
        return None
    first = word[0]
    if first in _NUMBER_STARTS:
        return _number(word)
    if first in _WORD_STARTS:
        return True if word in TRUE else False if word in FALSE else None if word in NULLS else word
    return word


def _number(word: str) -> Any:
    if len(word) > _LONGEST_NUMBER:
        return word
    if (match := _WHOLE.fullmatch(word)) is not None:
        return _whole(match, word)
    if _FRACTION.fullmatch(word):
        return float(word.replace("_", ""))
    return _SPECIAL.get(word, word)


def _whole(match: re.Match[str], word: str) -> Any:
    kind = str(match.lastgroup)
    digits = match[kind].replace("_", "")
    return int(match["sign"] + digits, _BASES[kind]) if digits else word
