"""Values at rest: a random data key for each, wrapped by the instance's key, bound to where the value belongs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from control_plane.kernel.config import config
from control_plane.kernel.words.errors import Unavailable

_NONCE = 12
_VERSION = 1


class CannotDecrypt(Unavailable):
    """The value was encrypted with a key this instance does not have, or does not belong where it was found."""

    code = "cannot_decrypt"


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """What data keys are wrapped with: the instance's own key, or one of a tenant that is wrapped by it."""

    id: str
    key: bytes


def encrypt(value: bytes, *, belongs_to: Sequence[str], under: WrappingKey | None = None) -> str:
    """Encrypt for one place: a value copied to another tenant, name or version there does not decrypt.

    Its own key is wrapped by `under`, by the instance's present key when there is none.
    """
    root = under or _root_keys()[0]
    data_key = AESGCM.generate_key(bit_length=256)
    place = _place(belongs_to)
    sealed = {
        "v": _VERSION,
        "kid": root.id,
        "key": _seal(root.key, data_key, place),
        "data": _seal(data_key, value, place),
    }
    return json.dumps(sealed, separators=(",", ":"))


def decrypt(sealed: str, *, belongs_to: Sequence[str], under: WrappingKey | None = None) -> bytes:
    """Raises CannotDecrypt; never a wrong value."""
    try:
        parts = json.loads(sealed)
        place = _place(belongs_to)
        known = [under] if under is not None else _root_keys()
        root = next(key for key in known if key.id == parts["kid"])
        return _open(_open(root.key, parts["key"], place), parts["data"], place)
    except (ValueError, KeyError, StopIteration, InvalidTag) as error:
        raise CannotDecrypt() from error


def wrapped_by(sealed: str) -> str:
    """The id of the key that its data key is wrapped with. Raises CannotDecrypt for what is not encrypted."""
    try:
        return str(json.loads(sealed)["kid"])
    except (ValueError, KeyError, TypeError) as error:
        raise CannotDecrypt() from error


def earlier_key_ids() -> list[str]:
    """The ids of the keys that only decrypt."""
    return [key.id for key in _root_keys()[1:]]


def rewrap(sealed: str, *, belongs_to: Sequence[str]) -> str:
    """The same value with its key wrapped by the present one; what is there already is returned as it is.

    The value itself is not opened. Raises CannotDecrypt.
    """
    present = _root_keys()[0]
    if wrapped_by(sealed) == present.id:
        return sealed
    try:
        parts, place = json.loads(sealed), _place(belongs_to)
        before = next(key for key in _root_keys() if key.id == parts["kid"])
        data_key = _open(before.key, parts["key"], place)
    except (ValueError, KeyError, StopIteration, InvalidTag) as error:
        raise CannotDecrypt() from error
    return json.dumps({**parts, "kid": present.id, "key": _seal(present.key, data_key, place)}, separators=(",", ":"))


def fingerprint(value: str) -> str:
    """Tells whether two values are equal and nothing else: for audit entries. Stable while the instance's key is."""
    key = hashlib.sha256(b"fingerprint:" + _root_keys()[0].key).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def _root_keys() -> list[WrappingKey]:
    knobs = config()
    if knobs.encryption_key is None:
        raise CannotDecrypt("no encryption key is configured")
    return [_root_key(each.get_secret_value()) for each in (knobs.encryption_key, *knobs.previous_encryption_keys)]


def _root_key(text: str) -> WrappingKey:
    key = hashlib.sha256(b"orrery:" + text.encode()).digest()
    return WrappingKey(hashlib.sha256(b"id:" + key).hexdigest()[:12], key)


def _place(belongs_to: Sequence[str]) -> bytes:
    return json.dumps(list(belongs_to), ensure_ascii=False).encode()


def _seal(key: bytes, value: bytes, place: bytes) -> str:
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, value, place)).decode()


def _open(key: bytes, text: str, place: bytes) -> bytes:
    sealed = base64.b64decode(text)
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
