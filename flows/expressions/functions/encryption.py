"""Functions that encrypt and decrypt texts."""

from __future__ import annotations

from typing import Any

from flows.expressions import encryption
from flows.expressions.filters.arguments import text_argument
from flows.expressions.frame import Frame
from flows.expressions.registry import Needs, Taint, function
from flows.expressions.taint import plain_text, taint


@function("encrypt", needs=Needs.SERVICES)
def encrypt(frame: Frame, key: Any, plaintext: Any) -> str:
    """A text sealed with a key: one in Base64, or the name of one that is known outside."""
    return encryption.encrypt(_key(frame, key), plain_text(text_argument("plaintext", plaintext)))


@function("decrypt", taint=Taint.EXACT, needs=Needs.SERVICES)
def decrypt(frame: Frame, key: Any, encrypted: Any) -> Any:
    """The text that was sealed; it is marked like a secret."""
    return taint(encryption.decrypt(_key(frame, key), plain_text(text_argument("encrypted", encrypted))))


def _key(frame: Frame, key: Any) -> bytes:
    name = plain_text(text_argument("key", key))
    return encryption.key_bytes(name) or frame.env.services.encryption_key(name)
