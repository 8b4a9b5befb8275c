"""The canonical text of an entry and how entries are linked: plain enough to be verified offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64


def canonical(body: Mapping[str, Any]) -> str:
    """One text for one meaning: keys sorted, no spaces, everything else than JSON as its `str`."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)


def digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()


def link(previous: str, seq: int, body: str) -> str:
    """The hash of an entry: of the one before it, its place and its text."""
    return hashlib.sha256(f"{previous}:{seq}:{digest(body)}".encode()).hexdigest()
