"""Where encrypted values lie in rows, as the rooms that write them tell: for a change of the instance's key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from control_plane.kernel.crypto import CannotDecrypt, rewrap, wrapped_by

Places = Callable[[Any], Iterable[Sequence[str]]]
"""What the values of a row may be bound to."""


@dataclass(frozen=True, slots=True)
class SealedRows:
    """Rows with encrypted values: as whole texts, or anywhere inside of JSON."""

    model: type[models.Model]
    columns: tuple[str, ...]
    places: Places


_known: list[SealedRows] = []


def holds_sealed(model: type[models.Model], *columns: str, places: Places) -> None:
    """Called once for each model, when its app is ready."""
    _known.append(SealedRows(model, columns, places))


def sealed_rows() -> list[SealedRows]:
    return list(_known)


def rewrapped(value: Any, places: Sequence[Sequence[str]], earlier: frozenset[str]) -> tuple[Any, int]:
    """A value with everything in it that one of the earlier keys wraps wrapped by the present one, and how much.

    What opens in none of the places stays as it is.
    """
    if isinstance(value, str):
        return _rewrapped_text(value, places, earlier)
    if isinstance(value, Mapping):
        pairs = {name: rewrapped(each, places, earlier) for name, each in value.items()}
        return {name: each for name, (each, _) in pairs.items()}, sum(count for _, count in pairs.values())
    if isinstance(value, list):
        items = [rewrapped(each, places, earlier) for each in value]
        return [each for each, _ in items], sum(count for _, count in items)
    return value, 0


def _rewrapped_text(text: str, places: Sequence[Sequence[str]], earlier: frozenset[str]) -> tuple[str, int]:
    if not any(each in text for each in earlier):
        return text, 0
    try:
        if wrapped_by(text) not in earlier:
            return text, 0
    except CannotDecrypt:
        return _rewrapped_document(text, places, earlier)
    for place in places:
        try:
            return rewrap(text, belongs_to=place), 1
        except CannotDecrypt:
            continue
    return text, 0


def _rewrapped_document(text: str, places: Sequence[Sequence[str]], earlier: frozenset[str]) -> tuple[str, int]:
    """A text that is JSON, with an encrypted value somewhere in it."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return text, 0
    changed, count = rewrapped(content, places, earlier) if not isinstance(content, str) else (content, 0)
    return (json.dumps(changed, ensure_ascii=False), count) if count else (text, 0)
