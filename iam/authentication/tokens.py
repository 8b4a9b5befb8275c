"""The form of our tokens: a prefix that tells the kind, 160 random bits, and a checksum that catches slips."""

from __future__ import annotations

import hashlib
import secrets
from zlib import crc32

from control_plane.kernel.words.ids import base62

USER = "oru_"
SERVICE_ACCOUNT = "ors_"
SESSION = "orx_"
INVITATION = "ori_"
RESET = "orp_"
INTEGRATION = "orc_"
PREFIX_LENGTH = 4
SHOWN = 9
_RANDOM = 27  # 62**27 > 2**160
_CHECK = 6  # 62**6 > 2**32
_LENGTH = PREFIX_LENGTH + _RANDOM + _CHECK


def new_token(prefix: str) -> str:
    body = prefix + base62(secrets.randbits(160), _RANDOM)
    return body + _checksum(body)


def is_well_formed(token: str) -> bool:
    """Whether the checksum fits; what does not is no token of ours, and costs no look-up."""
    if len(token) != _LENGTH or not token.isascii():
        return False
    return secrets.compare_digest(token[-_CHECK:], _checksum(token[:-_CHECK]))


def is_session(secret: str) -> bool:
    """A session is a way in as a cookie alone: another header would go round its CSRF token."""
    return secret.startswith(SESSION)


def digest(token: str) -> str:
    """What is stored. A plain hash is enough: nobody guesses 160 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(body: str) -> str:
    return base62(crc32(body.encode()), _CHECK)
