"""Variables that a job asks for by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_NOTHING = object()


def values_at(scope: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The values at these dotted paths; those that do not exist are left out."""
    found = ((name, _at(scope, name.split("."))) for name in names)
    return {name: value for name, value in found if value is not _NOTHING}


def _at(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return _NOTHING
        value = value[key]
    return value
