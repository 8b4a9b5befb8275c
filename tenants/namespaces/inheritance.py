"""A namespace and those above it: what is set there is seen below."""

from __future__ import annotations


def lineage(namespace: str) -> list[str]:
    """The namespace itself, then its parents up to the top: `a.b.c` gives `a.b.c`, `a.b`, `a`."""
    parts = namespace.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
