"""What entries can be found by in no time: each `key:value` they tell, as a number."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

TOLD_IN = ("detail", "before", "after", "impersonator")
# These stand at the top of each entry, which has columns for most of them.
WHO = ("actor_kind", "actor_id", "actor_name", "request_id", "ip")
WHAT = ("id", "at", "tenant_id", "action", "resource", "object_id", "namespace", "is_refused", "command")
# `kind` is how somebody signed in: it stands in each entry, and finds half of them.
NOT_INDEXED = frozenset((*WHO, *WHAT, "kind"))


def is_indexed(key: str) -> bool:
    return key not in NOT_INDEXED


def term_of(key: str, value: str) -> int:
    """64 bits: whoever looks by it looks again at what is found."""
    return int.from_bytes(blake2b(f"{key}\0{value}".encode(), digest_size=8).digest(), signed=True)


def terms_of(entry: dict[str, Any]) -> set[int]:
    """Of all texts that an entry tells of its object, at any depth."""
    return {term_of(key, value) for part in TOLD_IN for key, value in _pairs(entry.get(part)) if is_indexed(key)}


def _pairs(told: Any) -> Iterator[tuple[str, str]]:
    waiting = [told]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(value for value in each.values() if not isinstance(value, str))
            yield from ((key, value) for key, value in each.items() if isinstance(value, str))
