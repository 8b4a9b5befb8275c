"""Random 128-bit ids, written as 22 characters of base 62."""

import secrets

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 22  # 62**22 > 2**128

ID_LENGTH = _LENGTH


def base62(number: int, length: int) -> str:
    """Write a non-negative number with exactly `length` digits, most significant first."""
    digits = [""] * length
    for place in range(length - 1, -1, -1):
        number, rest = divmod(number, 62)
        digits[place] = _DIGITS[rest]
    return "".join(digits)


def new_id() -> str:
    """An id nobody can guess: 128 bits of the operating system's randomness."""
    return base62(secrets.randbits(128), _LENGTH)
