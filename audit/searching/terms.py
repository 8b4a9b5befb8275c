"""What entries can be found by in no time, each as a number: every `key:value` they tell, and the words of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

TOLD_IN = ("detail", "before", "after", "impersonator")
# These stand at the top of each entry, which has columns for most of them.
WHO = ("actor_kind", "actor_id", "actor_name", "request_id", "ip")
WHAT = ("id", "at", "tenant_id", "action", "resource", "object_id", "namespace", "is_refused", "command")
# `kind` is how somebody signed in: it stands in each entry, and finds half of them.
NOT_INDEXED = frozenset((*WHO, *WHAT, "kind"))

SEARCHED = ("resource", "actor_name", "namespace", "object_id")
"""Where a text is looked for."""
RANDOM = "^[0-9A-Za-z]{22}$"
"""An id that nobody chose: nobody knows a part of its middle, so it is found by how it begins."""
BEGINNING = 8
"""Letters of it that are needed."""
_is_random = re.compile(RANDOM).match


def is_indexed(key: str) -> bool:
    return key not in NOT_INDEXED


def term_of(key: str, value: str) -> int:
    """64 bits: whoever looks by it looks again at what is found."""
    return int.from_bytes(blake2b(f"{key}\0{value}".encode(), digest_size=8).digest(), signed=True)


def terms_of(entry: dict[str, Any]) -> set[int]:
    """Of all texts that an entry tells of its object, at any depth, and of what was shown to do it."""
    found = {term_of(key, value) for part in TOLD_IN for key, value in _pairs(entry.get(part)) if is_indexed(key)}
    shown = (entry.get("credential") or {}).get("id")
    return {*found, term_of("credential", shown)} if shown else found


def words_of(entry: dict[str, Any]) -> dict[int, str]:
    """What is looked through for a text, by its term; there are few of them, however many entries."""
    words = (entry.get(name) for name in SEARCHED)
    return {term_of("", word): word for word in words if word and not _is_random(word)}


def beginning_of(object_id: str) -> int | None:
    """The term of an id that nobody chose; None of any other one."""
    return term_of_beginning(object_id) if _is_random(object_id) else None


def term_of_beginning(text: str) -> int | None:
    """None where it is too short to say anything."""
    return term_of("^", text[:BEGINNING].lower()) if len(text) >= BEGINNING else None


def _pairs(told: Any) -> Iterator[tuple[str, str]]:
    waiting = [told]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(value for value in each.values() if not isinstance(value, str))
            yield from ((key, value) for key, value in each.items() if isinstance(value, str))
