"""How many wrong passwords one address may try, so that guessing costs the instance little and nobody else anything."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache

from control_plane.kernel.admission.buckets import Buckets
from control_plane.kernel.config import config

_MOST_REMEMBERED = 50_000
_proven: OrderedDict[tuple[str, str], None] = OrderedDict()
"""Names and the addresses from which their passwords were right: strangers there do not stand in their way."""


@cache
def _buckets(size: int, per_minute: float) -> Buckets:
    return Buckets(size=size, per_minute=per_minute)


def _of_config() -> Buckets:
    rules = config().admission
    return _buckets(rules.wrong_sign_ins, rules.wrong_sign_ins_per_minute)


def begin_attempt(name: str, ip: str | None) -> None:
    """Before a password is hashed. TooManyRequests for an address that was wrong too often lately."""
    if ip is not None:
        _of_config().take(_key(name, ip), "too many wrong passwords from this address")


def attempt_succeeded(name: str, ip: str | None) -> None:
    """It counts for nothing, and the next one from there has an account of its own."""
    if ip is None:
        return
    _of_config().give_back(_key(name, ip))
    _proven[(name, ip)] = None
    _proven.move_to_end((name, ip))
    if len(_proven) > _MOST_REMEMBERED:
        _proven.popitem(last=False)


def _key(name: str, ip: str) -> str | tuple[str, str]:
    return (name, ip) if (name, ip) in _proven else ip


def forget_attempts() -> None:
    """As after a start of the process."""
    _buckets.cache_clear()
    _proven.clear()
