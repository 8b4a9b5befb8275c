"""By which names the instance is reached: a page of somebody else's must not speak to it under a name of theirs."""

from __future__ import annotations

import ipaddress
import socket
from functools import cache
from urllib.parse import urlsplit

from control_plane.kernel.config import config

# Names that no public server can have: whoever answers to one is in the operator's own network.
PRIVATE = ("localhost", "local", "internal", "test", "svc", "svc.cluster.local")


def is_ours(host: str | None) -> bool:
    """Whether a Host header names this instance: a number, a name of one's own network, or one that is configured."""
    name = _name(host or "")
    if name is None:
        return False
    return _is_number(name) or "." not in name or _is_private(name) or name in _configured()


def _name(host: str) -> str | None:
    try:
        found = urlsplit(f"//{host}")
        return found.hostname.rstrip(".") if found.hostname and found.port != 0 and not found.path else None
    except ValueError:
        return None


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_private(name: str) -> bool:
    return any(name.endswith(f".{ending}") for ending in PRIVATE)


def _configured() -> set[str]:
    knobs = config()
    public = urlsplit(knobs.origin).hostname or ""
    return {public.lower(), *(name.lower() for name in knobs.hosts), *_machines()}


@cache
def _machines() -> frozenset[str]:
    return frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})
