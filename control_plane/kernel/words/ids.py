"""Random 128-bit ids, written as 22 characters of base 62."""

import os

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 22  # 62**22 > 2**128

ID_LENGTH = _LENGTH
# Two digits at a time: half the divisions of a number that is wider than a machine word.
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]


def base62(number: int, length: int) -> str:
    """Write a non-negative number with exactly `length` digits, most significant first."""
    pairs = []
    for _ in range(0, length, 2):
        number, rest = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[rest])
    pairs.reverse()
    return "".join(pairs)[-length:]


def new_id() -> str:
    """An id nobody can guess: 128 bits of the operating system's randomness."""
    return base62(int.from_bytes(os.urandom(16)), _LENGTH)
