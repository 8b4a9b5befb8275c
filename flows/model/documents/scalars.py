"""What an unquoted word means: YAML 1.2 core, so that `NO`, `012`, `22:22` and `1_000` stay words."""

from __future__ import annotations

import re
from typing import Any

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
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
_LONGEST_NUMBER = 400


def resolve(word: str) -> Any:
    """The value of a plain scalar. A number too long to be one stays text."""
    if word in _NULLS:
        return None
    first = word[0]
    if first in _NUMBER_STARTS:
        return _number(word)
    if first in "tTfF":
        return _BOOLEANS.get(word, word)
    return word


def _number(word: str) -> Any:
    if len(word) > _LONGEST_NUMBER:
        return word
    if _INTEGER.match(word):
        return int(word)
    if _FLOAT.match(word):
        return float(word)
    return _SPECIAL.get(word, word)


def canonical(value: Any) -> str:
    """How a resolved value is written when nobody said otherwise, as JSON writes it."""
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)
