"""What the token of an integration may do, and where: at the addresses of its own integration alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

PROVISIONING: Mapping[str, tuple[str, ...]] = {
    "USER": ("VIEW", "LIST", "CREATE", "UPDATE", "DELETE"),
    "GROUP": ("VIEW", "LIST", "CREATE", "UPDATE", "DELETE", "MANAGE_MEMBERS"),
    "SECURITY_INTEGRATION": ("VIEW",),
}
_entered: ContextVar[str] = ContextVar("orrery_integration", default="")


@contextmanager
def through(integration_id: str) -> Iterator[None]:
    """Round a request that came in by the addresses of this integration."""
    token = _entered.set(integration_id)
    try:
        yield
    finally:
        _entered.reset(token)


def is_through(integration_id: str) -> bool:
    return bool(integration_id) and _entered.get() == integration_id
