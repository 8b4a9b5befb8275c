"""Whose the token of an integration is, remembered in this process for as long as no identity changes anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from control_plane.kernel.actor import Actor, ActorKind
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.clock import now
from iam.authentication.tokens import digest
from iam.authorization.versions import Versions
from iam.models import SecurityIntegration

_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class _Known:
    identities: int
    actor: Actor
    ends_at: datetime | None


_known: dict[str, _Known] = {}


def integration_of(token: str, versions: Versions) -> Actor | None:
    """The integration as an actor that is at home in its tenant. The token before the last one opens while it may."""
    key = digest(token)
    known = _known.get(key)
    if known is None or known.identities != versions.identities:
        known = _looked_up(key, versions.identities)
        if known is None:
            _known.pop(key, None)
            return None
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[key] = known
    has_ended = known.ends_at is not None and known.ends_at <= now()
    return None if has_ended else known.actor


def _looked_up(key: str, identities: int) -> _Known | None:
    with across_tenants("a token is shown before its tenant can be believed"):
        former = Q(former_digest=key, former_ends_at__isnull=False)
        rows = SecurityIntegration.objects.filter(Q(digest=key) | former)
        row = rows.values_list("id", "name", "tenant_id", "digest", "former_ends_at").first()
    if row is None:
        return None
    identity, name, tenant_id, current, former_ends_at = row
    actor = Actor(ActorKind.SCIM, id=identity, name=name, home=tenant_id, credential=identity)
    return _Known(identities, actor, None if current == key else former_ends_at)
