"""Reading identities: first in the instance's scope, then in a tenant's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.clock import now
from iam.authorization.catalogue import ADMIN
from iam.models import (
    AccountAccess,
    ApiToken,
    Binding,
    Group,
    GroupMember,
    Invitation,
    Role,
    ScimCall,
    ServiceAccount,
    Session,
    TenantAccess,
    User,
)
from tenants.models import Tenant


def any_user() -> bool:
    return User.objects.exists()


def tenant_ids_of(user_id: str) -> list[str]:
    with across_tenants("which tenants somebody may enter is asked before one is chosen"):
        return list(
            TenantAccess.objects.filter(user_id=user_id, is_suspended=False)
            .order_by("tenant_id")
            .values_list("tenant_id", flat=True)
        )


def tenants_of(user: User) -> list[Tenant]:
    """Those the user may enter; a superadmin governs all."""
    tenants = Tenant.objects.order_by("id")
    return list(tenants if user.is_superadmin else tenants.filter(id__in=tenant_ids_of(user.id)))


def tenants_of_each(users: Sequence[User]) -> dict[str, list[Tenant]]:
    """The same of many at once, by the ids of the users."""
    with across_tenants("which tenants people may enter is asked before one is chosen"):
        entrances = TenantAccess.objects.filter(user_id__in=[user.id for user in users])
        pairs = set(entrances.values_list("user_id", "tenant_id"))
    tenants = list(Tenant.objects.order_by("id"))
    return {
        user.id: [tenant for tenant in tenants if user.is_superadmin or (user.id, tenant.id) in pairs] for user in users
    }


def groups_of(user_id: str, tenants: list[str]) -> list[dict[str, str]]:
    found = []
    for tenant in tenants:
        with tenant_scope(tenant):
            ids = GroupMember.objects.filter(user_id=user_id).values_list("group_id", flat=True)
            found += [{"id": group, "tenantId": tenant} for group in ids]
    return found


def tokens_of(user_id: str) -> list[ApiToken]:
    return list(ApiToken.objects.filter(user_id=user_id).order_by("-created_at", "id"))


def has_admin() -> bool:
    """Whether anybody who can sign in holds the managed role Admin in the whole of the open tenant."""
    admins = Binding.objects.filter(namespace=None, role__is_managed=True, role__name=ADMIN)
    people = User.objects.filter(is_disabled=False)
    suspended = TenantAccess.objects.filter(is_suspended=True).values("user_id")
    able = people.exclude(id__in=suspended)
    return admins.filter(Q(user__in=able) | Q(group__members__user__in=able)).exists()


def owns_group(user_id: str, group_id: str) -> bool:
    return GroupMember.objects.filter(group_id=group_id, user_id=user_id, is_owner=True).exists()


def owned_groups(user_id: str) -> list[str]:
    return list(GroupMember.objects.filter(user_id=user_id, is_owner=True).values_list("group_id", flat=True))


def account_names() -> dict[str, str]:
    """The service accounts of the open tenant, and those of the instance that may enter it."""
    own = ServiceAccount.objects.values_list("id", "name")
    guests = AccountAccess.objects.values_list("service_account_id", "name")
    return dict([*own, *guests])


def memberships(user_ids: Iterable[str]) -> dict[str, list[GroupMember]]:
    """The places of these users in the groups of the open tenant."""
    found: dict[str, list[GroupMember]] = {}
    places = GroupMember.objects.filter(user_id__in=list(user_ids)).select_related("group").order_by("group__name")
    for place in places:
        found.setdefault(place.user_id, []).append(place)
    return found


def owner_of_account(account_id: str) -> str | None:
    """The tenant of a service account, "" where it is the instance's, None where there is no such account."""
    with across_tenants("a superadmin names an account without its tenant"):
        return ServiceAccount.objects.filter(id=account_id).values_list("tenant_id", flat=True).first()


def tenants_of_account(account: ServiceAccount) -> list[str]:
    """The ids of the tenants that a service account may enter."""
    if account.tenant_id:
        return [account.tenant_id]
    with across_tenants("an account of the instance enters several tenants"):
        entrances = AccountAccess.objects.filter(service_account_id=account.id).order_by("tenant_id")
        return list(entrances.values_list("tenant_id", flat=True))


def tokens_of_account(account_id: str) -> list[ApiToken]:
    return list(ApiToken.objects.filter(service_account_id=account_id).order_by("-created_at", "id"))


def invitations_to(email: str) -> list[Invitation]:
    """Those that wait for somebody of this address, in all tenants."""
    with across_tenants("an invitation is read before its tenant may be entered"):
        waiting = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None)
        return list(waiting.order_by("created_at", "id"))


def usage_of(integration_ids: Iterable[str]) -> dict[str, tuple[int, datetime]]:
    """How often each of these integrations was called, and when last; of one that never was, nothing."""
    calls = ScimCall.objects.filter(integration_id__in=list(integration_ids)).order_by()
    rows = calls.values_list("integration_id").annotate(Max("number"), Max("at"))
    return {identity: (number, at) for identity, number, at in rows}


def calls_of(integration_id: str) -> list[ScimCall]:
    """The last hundred, the newest first."""
    return list(ScimCall.objects.filter(integration_id=integration_id).order_by("-at", "-id"))


def sessions_of(user_id: str) -> list[Session]:
    """Those that have not ended, the one used last first."""
    return list(Session.objects.filter(user_id=user_id, expires_at__gt=now()).order_by("-last_seen_at", "id"))


def identity_counts() -> dict[str, int]:
    """How many groups, roles and users the open tenant has, how many of these have a password or come by a
    provider, and their tokens."""
    members = User.objects.filter(id__in=TenantAccess.objects.values("user_id"))
    return {"groups": Group.objects.count(), "roles": Role.objects.count(), **_users_counted(members)}


def instance_identity_counts() -> dict[str, int]:
    """The same of all users there are; groups and roles belong to tenants."""
    return _users_counted(User.objects.all())


def _users_counted(users: QuerySet[User]) -> dict[str, int]:
    return {
        "users": users.count(),
        "passwords": users.exclude(password="").count(),
        "tokens": ApiToken.objects.filter(user__in=users).count(),
        "openid": users.filter(identities__isnull=False).distinct().count(),
    }
