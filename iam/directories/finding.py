"""Which providers somebody may sign in with, before it is known who they are."""

from __future__ import annotations

from control_plane.kernel.scope import across_tenants
from iam.directories.settings import LDAP
from iam.models import IdentityProvider

_MOST = 10
"""Directories that are asked for one password."""


def buttons_of(tenant_id: str) -> list[IdentityProvider]:
    """The enabled ones of the instance, and those of the tenant where one is named. Call it in an instance scope."""
    with across_tenants("the page of sign-in shows the providers of a tenant that nobody has entered yet"):
        found = IdentityProvider.objects.filter(is_enabled=True, tenant_id__in=["", tenant_id])
        return sorted(found, key=lambda each: (each.tenant_id, each.title.lower(), each.name))


def provider_for(email: str) -> IdentityProvider | None:
    """The one that the domain of this address leads to: of the instance first, and of one tenant alone."""
    domain = email.strip().lower().rpartition("@")[2]
    if not domain:
        return None
    with across_tenants("an address leads to its provider before a tenant is known"):
        found = list(IdentityProvider.objects.filter(is_enabled=True, domains__contains=[domain])[:10])
    own = [each for each in found if not each.tenant_id]
    if own:
        return own[0]
    return found[0] if len(found) == 1 else None


def forms_of(tenant_id: str, name: str) -> list[IdentityProvider]:
    """Those that are asked for a password on our own page: of the instance first, then of the tenant that is named, or
    where the domain of an address leads. Call it in an instance scope."""
    led = provider_for(name) if "@" in name else None
    with across_tenants("the page of sign-in asks the directories of a tenant that nobody has entered yet"):
        found = list(IdentityProvider.objects.filter(is_enabled=True, kind=LDAP, tenant_id__in=["", tenant_id])[:_MOST])
    if led is not None and led.kind == LDAP and all(each.id != led.id for each in found):
        found.append(led)
    return sorted(found, key=lambda each: (each.tenant_id, each.name))
