"""Sizes as people write them: `512MB`, `1.5 GiB`, `100k`, a bare number of bytes."""

from __future__ import annotations

import re

_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,6})?)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3, "t": 1024**4}


def parse_size(text: str) -> int:
    """Bytes; every unit is a power of 1024, as memory is counted. Raises ValueError with a sentence about the text."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text[:40]}` is not a size: write it like `512MB` or `2GB`")
    return int(float(found[1]) * _UNITS[found[2].lower()])
