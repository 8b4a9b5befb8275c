"""Passwords: what one must look like, and how it is kept (Argon2id)."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from control_plane.kernel.words.errors import Invalid, Violation

SHORTEST = 8
LONGEST = 256
RULE = {
    "passwordMinLength": SHORTEST,
    "passwordRequireSpecial": False,
    "passwordMinDigits": 1,
    "passwordMinLowerCase": 1,
    "passwordMinUpperCase": 1,
}
# What RFC 9106 recommends where memory is scarce would cost 64 MiB per sign-in; this is OWASP's smaller choice.
# Each hash takes that much, and a core: those who sign in leave the others to everybody else.
_one_at_a_time = threading.Lock()
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def check_password(password: str) -> None:
    """Raise Invalid for one that is too weak."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise _weak(f"a password has {SHORTEST} to {LONGEST} characters")
    if not (any(map(str.isdigit, password)) and any(map(str.islower, password)) and any(map(str.isupper, password))):
        raise _weak("a password has at least one digit, one lower case and one upper case letter")


def _weak(message: str) -> Invalid:
    return Invalid(f"password: {message}", violations=[Violation(message, "password")])


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_right(password: str, kept: str) -> bool:
    """Takes as long for an account that does not exist, or has no password (`kept` is empty), as for any other."""
    try:
        with _one_at_a_time:
            matches = _hasher.verify(kept or _nobodys(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return matches and bool(kept) and len(password) <= LONGEST


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
