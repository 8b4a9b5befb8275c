"""A word of a case that nobody knows fails the case."""

from __future__ import annotations

from collections.abc import Iterable

NOTES = frozenset({"notes", "note", "comment"})


def only(given: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raises AssertionError with the words that are unknown."""
    unknown = set(given) - set(known) - NOTES
    assert not unknown, f"the words {sorted(unknown)} of {what} are unknown"
