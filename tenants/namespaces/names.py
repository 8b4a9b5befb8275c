"""What a tenant and a namespace may be called, and how namespaces contain each other."""

from __future__ import annotations

import re
from collections.abc import Iterable

from control_plane.kernel.words.errors import Invalid, Violation

TENANT_NAME_LENGTH = 63
NAMESPACE_LENGTH = 150
# First segments of the instance's own addresses: a tenant of that name could never be reached.
RESERVED = frozenset(
    {
        *("auditlogs", "auths", "banners", "basicauthvalidationerrors", "configs", "forgotten-password", "instance"),
        *("invitation", "kill-switches", "license", "license-info", "login", "logout", "main-tenant-flows", "me"),
        *("notifications", "openapi", "pebble", "plugins", "request-code", "reset-password", "service-accounts"),
        *("setup", "tenants", "users", "validate-password", "worker"),
    }
)
_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NAMESPACE = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")


def check_tenant_id(tenant_id: str) -> None:
    """Raise Invalid for an id that is no slug, too long, or one of our own addresses."""
    if len(tenant_id) > TENANT_NAME_LENGTH or not _TENANT.fullmatch(tenant_id):
        raise _wrong(f"a tenant's id has lower case letters, digits, `-` and `_`, at most {TENANT_NAME_LENGTH}")
    if tenant_id in RESERVED:
        raise _wrong(f"`{tenant_id}` is reserved")


def check_namespace(name: str) -> None:
    """Raise Invalid for a name that is no dotted path."""
    if len(name) > NAMESPACE_LENGTH or not _NAMESPACE.fullmatch(name):
        raise _wrong(f"a namespace has a-z, digits, `.`, `-` and `_`, at most {NAMESPACE_LENGTH}, no empty part")


def _wrong(message: str) -> Invalid:
    return Invalid(f"id: {message}", violations=[Violation(message, "id")])


def lineage(name: str) -> list[str]:
    """A namespace and its parents, outermost first: `a`, `a.b`, `a.b.c`."""
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def with_parents(names: Iterable[str]) -> set[str]:
    return {ancestor for name in names for ancestor in lineage(name)}
