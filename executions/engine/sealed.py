"""How a text that holds a secret stands in outputs and inputs: closed, with what may be shown of it beside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

TYPE = "type"
MASKED = "masked"
SEALED = "orrery:sealed"

_encoder = msgspec.json.Encoder(enc_hook=str, decimal_format="number")
_NEEDLE = SEALED.encode()


def has_sealed(value: Any) -> bool:
    """Whether anything in it is closed. Quick, as almost nothing ever is."""
    if not value:
        return False
    try:
        return _NEEDLE in _encoder.encode(value)
    except (TypeError, ValueError, RecursionError):
        return False


def shown(value: Any) -> Any:
    """The value for people's eyes: each closed text as it reads with its secrets masked."""
    return _shown(value) if has_sealed(value) else value


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get(TYPE) == SEALED:
            return value.get(MASKED)
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    return value
