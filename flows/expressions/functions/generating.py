"""Functions that give something new: the time, chance, ids, ranges."""

from __future__ import annotations

import struct
from datetime import UTC
from typing import Any
from uuid import UUID

from flows.expressions.dates.conversion import target_zone, written
from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import text_argument, whole_number
from flows.expressions.frame import Frame
from flows.expressions.operators import compare, stepped
from flows.expressions.registry import Needs, Taint, function

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NANO_ALPHABET = BASE62 + "-_"
KSUID_EPOCH = 1_400_000_000
MAX_LENGTH = 1000


@function("now", needs=Needs.CLOCK)
def now(
    frame: Frame, format: Any = None, time_zone: Any = None, existing_format: Any = None, locale: Any = None
) -> str:
    """The present moment. `{{ now() | date('yyyy') | length }}` = `4`"""
    return written(frame, frame.env.clock().astimezone(target_zone(frame, time_zone)), format, locale)


def base62(number: int, width: int = 0) -> str:
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(reversed(digits)).rjust(width, "0")


def _uuid(frame: Frame) -> int:
    return UUID(int=frame.env.random.getrandbits(128), version=4).int


@function("uuid", needs=Needs.CHANCE)
def uuid(frame: Frame) -> str:
    """A random UUID. `{{ uuid() | length }}` = `36`"""
    return str(UUID(int=_uuid(frame)))


@function("id", needs=Needs.CHANCE)
def id_(frame: Frame) -> str:
    """A short random id. `{{ id() | length }}` = `22`"""
    return base62(_uuid(frame), 22)


@function("ksuid", needs=Needs.CHANCE)
def ksuid(frame: Frame) -> str:
    """An id that sorts by the time it was made. `{{ ksuid() | length }}` = `27`"""
    seconds = int(frame.env.clock().astimezone(UTC).timestamp()) - KSUID_EPOCH
    payload = struct.pack(">I", max(seconds, 0) % 2**32) + frame.env.random.getrandbits(128).to_bytes(16, "big")
    return base62(int.from_bytes(payload, "big"), 27)


@function("nanoId", needs=Needs.CHANCE)
def nano_id(frame: Frame, length: Any = 21, alphabet: Any = NANO_ALPHABET) -> str:
    """A random id of that length. `{{ nanoId(length=10) | length }}` = `10`"""
    size, letters = whole_number("length", length), text_argument("alphabet", alphabet)
    if not 1 <= size <= MAX_LENGTH or not letters:
        raise ArgumentError(f"`nanoId` makes 1 to {MAX_LENGTH} letters of an alphabet that is not empty")
    return "".join(frame.env.random.choice(letters) for _ in range(size))


@function("randomInt", needs=Needs.CHANCE)
def random_int(frame: Frame, lower: Any, upper: Any) -> int:
    """A random whole number from `lower` up to `upper`, which is excluded. `{{ randomInt(1, 2) }}` = `1`"""
    low, high = whole_number("lower", lower), whole_number("upper", upper)
    if low > high:
        raise ArgumentError("In `randomInt` upper must not be less than lower")
    return low if low == high else frame.env.random.randrange(low, high)


@function("range", taint=Taint.SPREADS)
def range_(frame: Frame, start: Any, end: Any, step: Any = 1) -> list[Any]:
    """Whole numbers or letters from start to end, both included. `{{ range(0, 6, 2) }}` = `[0,2,4,6]`"""
    return stepped(frame.run, start, end, whole_number("step", step))


@function("max", taint=Taint.PASSES)
def maximum(frame: Frame, *values: Any) -> Any:
    """The greatest of its arguments. `{{ max(5, 10, 15) }}` = `15`"""
    return _extreme(frame, values, 1)


@function("min", taint=Taint.PASSES)
def minimum(frame: Frame, *values: Any) -> Any:
    """The least of its arguments. `{{ min(5, 10, 15) }}` = `5`"""
    return _extreme(frame, values, -1)


def _extreme(frame: Frame, values: tuple[Any, ...], sign: int) -> Any:
    if not values:
        raise ArgumentError("`max` and `min` need at least one argument")
    best = values[0]
    for each in values[1:]:
        if compare(frame.run, each, best) * sign > 0:
            best = each
    return best
