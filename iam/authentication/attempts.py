"""How many wrong passwords one address may try, so that guessing costs the instance little and nobody else anything."""

from __future__ import annotations

from collections import Counter, OrderedDict
from functools import cache

from control_plane.kernel.admission.buckets import Buckets
from control_plane.kernel.config import config

_MOST_REMEMBERED = 50_000
_TOO_OFTEN = "too many wrong passwords from this address"
_proven: OrderedDict[tuple[str, str], None] = OrderedDict()
"""Names and the addresses from which their passwords were right: strangers there do not stand in their way."""


_proven_from: Counter[str] = Counter()
"""How many of them there are by address."""


@cache
def _buckets(size: int, per_minute: float) -> Buckets:
    return Buckets(size=size, per_minute=per_minute)


def _of_config() -> Buckets:
    rules = config().admission
    return _buckets(rules.wrong_sign_ins, rules.wrong_sign_ins_per_minute)


def begin_attempt(name: str, ip: str | None) -> None:
    """Before a password is hashed. TooManyRequests for an address that was wrong too often lately."""
    if ip is not None:
        _of_config().take(_key(name, ip), _TOO_OFTEN)


def refuse_guesses(name: str | None, ip: str | None) -> None:
    """The same before anything is spent on it, and without counting it.

    Where the name is not known yet, an address from which any password was right is let through: `begin_attempt` will
    know.
    """
    if ip is None or (name is None and _proven_from[ip]):
        return
    _of_config().look(ip if name is None else _key(name, ip), _TOO_OFTEN)


def attempt_succeeded(name: str, ip: str | None) -> None:
    """It counts for nothing, and the next one from there has an account of its own."""
    if ip is None:
        return
    _of_config().give_back(_key(name, ip))
    if (name, ip) not in _proven:
        _proven_from[ip] += 1
    _proven[(name, ip)] = None
    _proven.move_to_end((name, ip))
    if len(_proven) > _MOST_REMEMBERED:
        (_, oldest), _ = _proven.popitem(last=False)
        _proven_from[oldest] -= 1
        if not _proven_from[oldest]:
            del _proven_from[oldest]


def _key(name: str, ip: str) -> str | tuple[str, str]:
    return (name, ip) if (name, ip) in _proven else ip


def forget_attempts() -> None:
    """As after a start of the process."""
    _buckets.cache_clear()
    _proven.clear()
    _proven_from.clear()
