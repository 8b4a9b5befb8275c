"""AES-GCM encryption of texts, and of the encrypted values that a scope may hold."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from flows.expressions.errors import EvaluationError
from flows.expressions.taint import taint

ENCRYPTED = "io.kestra.datatype:aes_encrypted"
NONCE_BYTES = 12
KEY_BYTES = (16, 24, 32)


def key_bytes(key: str) -> bytes | None:
    """The key that a text spells in Base64, if it spells one of a fitting length."""
    try:
        decoded = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if len(decoded) in KEY_BYTES else None


def encrypt(key: bytes, plaintext: str, nonce: bytes | None = None) -> str:
    """Base64 of the nonce and the sealed text; give a nonce only where it can never repeat."""
    nonce = nonce or os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plaintext.encode(), None)).decode()


def decrypt(key: bytes, encrypted: str) -> str:
    """Raises `EvaluationError` when the text was not encrypted with this key, or was altered."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()
    except (binascii.Error, InvalidTag, ValueError):
        raise EvaluationError("The text cannot be decrypted with this key") from None


def decrypted(value: Any, opener: Callable[[str], str]) -> Any:
    """The same value with every encrypted map in it replaced by its text, which is tainted."""
    if isinstance(value, Mapping):
        if value.get("type") == ENCRYPTED and isinstance(value.get("value"), str):
            return taint(opener(value["value"]))
        return {key: decrypted(each, opener) for key, each in value.items()}
    if isinstance(value, list):
        return [decrypted(each, opener) for each in value]
    return value
