"""The places that this process asks for secrets, each opened once for each way it is configured."""

from __future__ import annotations

import threading
from collections import OrderedDict

from control_plane.kernel.config import config
from control_plane.kernel.egress import policy_of
from plugins.secrets.catalog import backend_class, settings_of
from plugins.secrets.port import BackendMisconfigured, Level
from stores.secrets.choice import Choice
from stores.secrets.guarded import Guarded

MOST = 64
"""Beyond, the one that was asked longest ago is closed: it is opened again when it is asked."""

_lock = threading.Lock()
_open: OrderedDict[str, Guarded] = OrderedDict()


def guarded(choice: Choice) -> Guarded:
    """The place. Raises BackendMisconfigured, or Invalid, for what cannot be opened."""
    name = choice.fingerprint
    with _lock:
        found = _open.get(name)
        if found is not None:
            _open.move_to_end(name)
            return found
    made = opened(choice)
    with _lock:
        found = _open.setdefault(name, made)
        _open.move_to_end(name)
        surplus = [_open.popitem(last=False)[1] for _ in range(len(_open) - MOST)]
    for each in surplus if found is made else [*surplus, made]:
        each.close()
    return found


def opened(choice: Choice) -> Guarded:
    """One of its own, for whoever closes it."""
    backend = backend_class(choice.type, choice.level)
    if backend is None:
        raise BackendMisconfigured("These secrets are kept in our own database")
    settings = settings_of(choice.type, choice.configuration(), choice.level)
    # The operator may name a server of their own network; others reach what tasks reach.
    policy = policy_of(config(), allow_private=True if choice.level is Level.INSTANCE else None)
    return Guarded(backend(settings, choice.level, policy))


def close_all() -> None:
    """Let go of every connection; what is asked next opens its place again."""
    with _lock:
        found = list(_open.values())
        _open.clear()
    for each in found:
        each.close()
