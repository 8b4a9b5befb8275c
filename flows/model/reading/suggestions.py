"""What the author may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 200


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that comes close to the word, if any does."""
    if len(word) > _LONGEST:
        return None
    lowered = {name.lower(): name for name in sorted(set(known))}
    close = [word.lower()] if word.lower() in lowered else get_close_matches(word.lower(), lowered, n=1, cutoff=0.7)
    return lowered[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean `message`?`, or nothing when no known name comes close."""
    name = closest(word, known)
    return f", did you mean `{name}`?" if name is not None else ""


def type_did_you_mean(type_name: str, known: Iterable[str]) -> str:
    """The same for plugin types: the name in another group or case, or one a letter away in the same group."""
    if len(type_name) > _LONGEST:
        return ""
    group, _, last = type_name.rpartition(".")
    by_name: dict[str, list[str]] = {}
    for name in sorted(set(known)):
        by_name.setdefault(name.rpartition(".")[2].lower(), []).append(name)
    for close in get_close_matches(last.lower(), by_name, n=3, cutoff=0.75):
        there = by_name[close]
        beside = next((name for name in there if name.rpartition(".")[0] == group), None)
        if beside or (close == last.lower() and len(there) == 1):
            return f", did you mean `{beside or there[0]}`?"
    return ""
