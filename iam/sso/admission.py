"""From what a directory tells of somebody to an account with its groups, or to what would be if it were meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from audit.recording.trail import Action, append
from control_plane.kernel.actor import Change, Context
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.directories.providers import actor_of_provider, rules_of
from iam.directories.rules import Outcome, apply_rules, groups_by_tenant
from iam.directories.settings import directory_settings
from iam.models import IdentityProvider, User
from iam.queries import tenant_ids_of
from iam.record.identities import Told, expected
from iam.services.provider_sign_in import admit_person, follow_directory
from tenants.models import Tenant

_MOST_SHOWN = 200


@dataclass(frozen=True)
class Decision:
    """Which groups follow, by tenant and name, and which rule gave each."""

    groups: dict[str, dict[str, bool]]
    outcomes: list[Outcome]

    @property
    def rules(self) -> list[dict[str, Any]]:
        return [outcome.shape for outcome in self.outcomes]

    @property
    def names(self) -> dict[str, list[str]]:
        return {tenant: sorted(names)[:_MOST_SHOWN] for tenant, names in sorted(self.groups.items())}


def decide(provider: IdentityProvider, claims: dict[str, Any]) -> Decision:
    outcomes = apply_rules(rules_of(provider), claims)
    return Decision(groups_by_tenant(outcomes, provider.tenant_id), outcomes)


def admit(request: Context, provider: IdentityProvider, told: Told, decision: Decision) -> User:
    """The account, with its groups, before it is used. Everything is done in the provider's name."""
    ctx = replace(
        request, actor=actor_of_provider(provider), tenant_id=provider.tenant_id or None, rights=None, changes=[]
    )
    user = admit_person(ctx, provider=provider, told=told)
    everywhere = _let_in_everywhere(provider)
    for tenant_id in _tenants_touched(provider, user, decision, everywhere):
        follow_directory(
            replace(ctx, tenant_id=tenant_id, rights=None, changes=[]),
            user_id=user.id,
            managed_by=provider.id,
            names=decision.groups.get(tenant_id, {}),
            is_let_in=tenant_id in everywhere,
        )
    return user


def _let_in_everywhere(provider: IdentityProvider) -> set[str]:
    return {provider.tenant_id} if provider.tenant_id else set(directory_settings(provider).tenants)


def _tenants_touched(provider: IdentityProvider, user: User, decision: Decision, everywhere: set[str]) -> list[str]:
    """Where something may change: what is given now, and wherever the user is, since something may be taken there."""
    if provider.tenant_id:
        return [provider.tenant_id]
    with instance_scope():
        wanted = {*decision.groups, *everywhere, *tenant_ids_of(user.id)}
        return sorted(Tenant.objects.filter(id__in=wanted).values_list("id", flat=True))


def preview(provider: IdentityProvider, told: Told, decision: Decision) -> dict[str, Any]:
    """What a sign-in would do; nothing is changed by asking."""
    with instance_scope():
        outcome = expected(provider, told)
    is_refusal = outcome not in ("known", "disabled", "link", "create")
    return without_nulls(
        outcome="refused" if is_refusal else outcome,
        reason=outcome if is_refusal else None,
        subject=told.subject,
        email=told.email,
        verified=told.is_verified,
        firstName=told.first_name,
        lastName=told.last_name,
        rules=decision.rules,
        groups=decision.names,
    )


def tell_refusal(ctx: Context, provider: IdentityProvider, reason: str) -> None:
    """Tell the owner's audit trail why somebody was not signed in. Call it outside of any scope."""
    change = Change("USER", provider.name, None, None, None, {"provider": provider.id, "reason": reason[:300]})
    with tenant_scope(provider.tenant_id) if provider.tenant_id else instance_scope():
        append(replace(ctx, changes=[]), [change], action=Action.LOGIN_FAILURE, by="iam.sso")
