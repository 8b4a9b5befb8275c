"""Texts that came to hold a secret: sealed where they are written, masked where they are shown, open to jobs alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from control_plane.kernel.crypto import CannotDecrypt, decrypt, encrypt
from control_plane.kernel.scope import current_tenant
from executions.engine.sealed import Mask, Sealer
from workers.runtime.masking import MASK, Masker


def mask_of(secrets: Iterable[str]) -> Mask:
    masker = Masker()
    masker.add(secrets)
    return masker.mask


def _close(content: bytes) -> str:
    return encrypt(content, belongs_to=_place())


def _open(text: str) -> bytes:
    try:
        return decrypt(text, belongs_to=_place())
    except CannotDecrypt as error:
        raise ValueError("not closed here") from error


SEALER = Sealer(mask_of, _close, _open)
sealed = SEALER.sealed
opened = SEALER.opened


def closed(text: str) -> dict[str, Any]:
    """A text that is a secret as a whole."""
    return SEALER.closed(text, MASK, [text])


def _place() -> tuple[str, ...]:
    return ("text", current_tenant())
