"""How big and how deep a document may be before it is refused unread."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """Bounds that keep reading any text within a second: bytes, nesting, nodes, documents and problems reported."""

    bytes: int = 2 * 1024 * 1024
    depth: int = 100
    nodes: int = 100_000
    documents: int = 1_000
    problems: int = 50


DEFAULT_LIMITS = DocumentLimits()
