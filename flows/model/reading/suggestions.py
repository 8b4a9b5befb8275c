"""What the author may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 200


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean `message`?`, or nothing when no known name comes close."""
    if len(word) > _LONGEST:
        return ""
    names = sorted(set(known))
    lowered = {name.lower(): name for name in names}
    close = [word.lower()] if word.lower() in lowered else get_close_matches(word.lower(), lowered, n=1, cutoff=0.7)
    return f", did you mean `{lowered[close[0]]}`?" if close else ""


def type_did_you_mean(type_name: str, known: Iterable[str]) -> str:
    """The same for plugin types: a name that differs by its group, its case or a letter."""
    if len(type_name) > _LONGEST:
        return ""
    names = sorted(set(known))
    last = type_name.rpartition(".")[2].lower()
    same_name = [name for name in names if name.rpartition(".")[2].lower() == last]
    if len(same_name) == 1:
        return f", did you mean `{same_name[0]}`?"
    close = get_close_matches(type_name, names, n=1, cutoff=0.8)
    return f", did you mean `{close[0]}`?" if close else ""
