"""A provider's public keys, kept for a while; an unknown one makes us ask again, once and not too often."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwk
from joserfc.errors import JoseError
from joserfc.jwk import Key

from iam.models import IdentityProvider
from iam.sso.outbound import ask
from iam.sso.refusals import ProviderUnreachable

KEPT = 3600.0
"""Seconds that keys are believed without asking."""
PAUSE = 10.0
"""Seconds between two questions for an unknown key: tokens that anybody may send must not make us ask at will."""
_MOST_KEYS = 100
_SYMMETRIC = "oct"

Fetch = Callable[[], list[Key]]


@dataclass
class KeyRing:
    """The keys at one address."""

    fetch: Fetch
    clock: Callable[[], float] = time.monotonic
    _keys: list[Key] = field(default_factory=list)
    _read_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def candidates(self, kid: str | None) -> list[Key]:
        """The key of that id, or all of them for a token that names none."""
        with self._lock:
            now = self.clock()
            if self._read_at is None or now - self._read_at > KEPT:
                self._read(now)
            found = self._named(kid)
            if not found and now - (self._read_at or 0) >= PAUSE:
                self._read(now)
                found = self._named(kid)
            return found

    def _read(self, now: float) -> None:
        self._keys = self.fetch()
        self._read_at = now

    def _named(self, kid: str | None) -> list[Key]:
        return list(self._keys) if kid is None else [key for key in self._keys if key.kid == kid]


_rings: dict[tuple[str, str], KeyRing] = {}


def ring_of(provider: IdentityProvider, address: str) -> KeyRing:
    """The ring of this process for a provider and the address of its keys."""
    name = (provider.id, address)
    ring = _rings.get(name)
    if ring is None:
        if len(_rings) > 1000:
            _rings.clear()
        ring = _rings[name] = KeyRing(lambda: fetch_keys(provider, address))
    return ring


def forget_keys() -> None:
    _rings.clear()


def fetch_keys(provider: IdentityProvider, address: str) -> list[Key]:
    answer = ask(provider, "GET", address)
    told = answer.body.get("keys")
    if answer.status != 200 or not isinstance(told, list):
        raise ProviderUnreachable("the provider's keys cannot be read")
    return [key for each in told[:_MOST_KEYS] if isinstance(each, dict) and (key := imported(each)) is not None]


def imported(told: dict[str, Any]) -> Key | None:
    """A public key for signatures; None for one of another use, or of a kind that is not known."""
    if told.get("use") not in (None, "sig") or told.get("kty") == _SYMMETRIC:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return jwk.import_key(told)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
