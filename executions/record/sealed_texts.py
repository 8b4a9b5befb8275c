"""Texts that came to hold a secret: sealed where they are written, masked where they are shown, open to jobs alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from control_plane.kernel.crypto import CannotDecrypt, decrypt, encrypt
from control_plane.kernel.scope import current_tenant
from executions.engine.sealed import MASKED, SEALED, TYPE, has_sealed
from workers.runtime.masking import MASK, Masker

_json = msgspec.json.Encoder()


def sealed(value: Any, secrets: Iterable[str]) -> Any:
    """Every text of a value that holds one of the secrets, however it is spelled, closed in its place.

    The names of a map cannot be closed: a secret in one is masked.
    """
    known = list(secrets)
    if not known:
        return value
    masker = Masker()
    masker.add(known)
    return _sealed(value, masker, known)


def _sealed(value: Any, masker: Masker, secrets: list[str]) -> Any:
    if isinstance(value, str):
        masked = masker.mask(value)
        return value if masked == value else _closed(value, masked, secrets)
    if isinstance(value, Mapping):
        return {masker.mask(str(key)): _sealed(each, masker, secrets) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_sealed(each, masker, secrets) for each in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        masked = masker.mask(str(value))
        return value if masked == str(value) else _closed(value, masked, secrets)
    return value


def _closed(value: Any, masked: str, secrets: list[str]) -> dict[str, Any]:
    content = encrypt(_json.encode([value, secrets]), belongs_to=_place())
    return {TYPE: SEALED, "value": content, MASKED: masked}


def closed(text: str) -> dict[str, Any]:
    """A text that is a secret as a whole."""
    return _closed(text, MASK, [text])


def opened(value: Any) -> tuple[Any, list[str]]:
    """The value in the clear, for a job, and the secrets in it, which the job is to mask."""
    if not has_sealed(value):
        return value, []
    secrets: dict[str, None] = {}
    return _opened(value, secrets), list(secrets)


def _opened(value: Any, secrets: dict[str, None]) -> Any:
    if isinstance(value, Mapping):
        if value.get(TYPE) == SEALED and isinstance(value.get("value"), str):
            return _open(value, secrets)
        return {key: _opened(each, secrets) for key, each in value.items()}
    if isinstance(value, list):
        return [_opened(each, secrets) for each in value]
    return value


def _open(value: Mapping[str, Any], secrets: dict[str, None]) -> Any:
    """What we did not close stays as it is: a task may bring a map that only looks like one of ours."""
    try:
        content, found = msgspec.json.decode(decrypt(value["value"], belongs_to=_place()))
    except (CannotDecrypt, ValueError):
        return dict(value)
    secrets.update(dict.fromkeys(found))
    return content


def _place() -> tuple[str, ...]:
    return ("text", current_tenant())
