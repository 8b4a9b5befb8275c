"""Whose the token of an integration is."""

from __future__ import annotations

from django.db.models import Q

from control_plane.kernel.actor import Actor, ActorKind
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.clock import now
from iam.authentication.tokens import digest
from iam.models import SecurityIntegration


def integration_of(token: str) -> Actor | None:
    """The integration as an actor that is at home in its tenant. The token before the last one opens while it may."""
    key = digest(token)
    former = Q(former_digest=key, former_ends_at__gt=now())
    with across_tenants("a token is shown before its tenant can be believed"):
        row = SecurityIntegration.objects.filter(Q(digest=key) | former).values_list("id", "name", "tenant_id").first()
    if row is None:
        return None
    identity, name, tenant_id = row
    return Actor(ActorKind.SCIM, id=identity, name=name, home=tenant_id, credential=identity)
