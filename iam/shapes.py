"""Identities as the API shows them; none of these has a secret in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.actor import Actor
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.config import config
from control_plane.kernel.words.clock import iso, iso_or_none, now
from iam.authorization.catalogue import managed_version
from iam.authorization.roles import permissions_of
from iam.models import (
    AccountAccess,
    ApiToken,
    Binding,
    Group,
    GroupMember,
    Invitation,
    Role,
    ScimCall,
    SecurityIntegration,
    ServiceAccount,
    Session,
    User,
)
from tenants.models import Tenant

PASSWORD_AUTH = {"id": "password", "name": "password", "type": "BASIC"}


def display_name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip() or user.email


def me_shape(user: User, tenants: Iterable[Tenant]) -> dict[str, Any]:
    return {
        "id": user.id,
        "superAdmin": user.is_superadmin,
        "restricted": user.is_restricted,
        "profile": without_nulls(
            email=user.email,
            username=user.email,
            firstName=user.first_name or None,
            lastName=user.last_name or None,
        ),
        "auths": _auths(user),
        "preferences": user.preferences,
        "tenants": [without_nulls(id=tenant.id, name=tenant.name, logo=tenant.logo) for tenant in tenants],
    }


def user_shape(user: User, tenants: Iterable[Tenant] = (), groups: Iterable[dict[str, str]] = ()) -> dict[str, Any]:
    return without_nulls(
        id=user.id,
        username=user.email,
        displayName=display_name(user),
        firstName=user.first_name or None,
        lastName=user.last_name or None,
        email=user.email,
        tenants=[{"id": tenant.id, "name": tenant.name} for tenant in tenants],
        auths=_auths(user),
        groups=list(groups),
        superAdmin=user.is_superadmin,
        restricted=user.is_restricted,
    )


def _auths(user: User) -> list[dict[str, str]]:
    return [PASSWORD_AUTH] if user.password else []


def setup_user_shape(user: User) -> dict[str, Any]:
    """The older form of a user that set-up answers with."""
    return {
        "type": "STANDARD",
        "id": user.id,
        "username": user.email,
        "email": user.email,
        "superAdmin": user.is_superadmin,
        "groupList": [],
        "groups": [],
        "auths": [{"uid": PASSWORD_AUTH["id"], "type": PASSWORD_AUTH["type"], "name": PASSWORD_AUTH["name"]}],
    }


def token_shape(token: ApiToken) -> dict[str, Any]:
    return without_nulls(
        id=token.id,
        name=token.name,
        description=token.description or None,
        prefix=token.prefix,
        iat=iso(token.created_at),
        exp=iso_or_none(token.expires_at),
        lastUsed=iso_or_none(token.last_used_at),
        extended=token.is_extended,
        allowedCidrs=token.networks or None,
        expired=token.expires_at is not None and token.expires_at <= now(),
    )


def role_shape(role: Role) -> dict[str, Any]:
    return without_nulls(
        id=role.id,
        name=role.name,
        description=role.description or None,
        permissions=permissions_of(role),
        isDefault=role.is_default,
        isManaged=role.is_managed,
        version=managed_version(role.name, role.is_managed),
        deleted=False,
    )


def role_summary(role: Role) -> dict[str, Any]:
    return {
        "id": role.id,
        "name": role.name,
        "isDefault": role.is_default,
        "isManaged": role.is_managed,
        "permissionCount": sum(len(actions) for actions in permissions_of(role).values()),
    }


def binding_facts(binding: Binding) -> dict[str, Any]:
    """What the audit trail keeps of a binding."""
    return without_nulls(
        id=binding.id,
        roleId=binding.role_id,
        userId=binding.user_id,
        groupId=binding.group_id,
        serviceAccountId=binding.service_account_id,
        namespace=binding.namespace,
    )


def binding_shape(binding: Binding, accounts: Mapping[str, str]) -> dict[str, Any]:
    """`user` was fetched with the binding; `accounts` has the names of service accounts."""
    return without_nulls(
        id=binding.id,
        type="GROUP" if binding.group_id else "USER",
        namespace=binding.namespace,
        role={"id": binding.role_id, "name": binding.role.name},
        group={"id": binding.group_id, "name": binding.group.name} if binding.group else None,
        user=None if binding.group_id else person(binding.user, binding.service_account_id, accounts),
    )


def person(user: User | None, account_id: str | None, accounts: Mapping[str, str]) -> dict[str, Any]:
    """A user, or a service account, which is one to clients."""
    if user is not None:
        return {"id": user.id, "username": user.email, "displayName": display_name(user)}
    name = accounts.get(account_id or "", "")
    return {"id": account_id, "username": name, "displayName": name}


def group_shape(group: Group) -> dict[str, Any]:
    return without_nulls(
        id=group.id,
        name=group.name,
        description=group.description or None,
        managedBy=group.managed_by or None,
    )


def member_facts(member: GroupMember) -> dict[str, Any]:
    """What the audit trail keeps of a place in a group."""
    return without_nulls(
        groupId=member.group_id,
        userId=member.user_id,
        serviceAccountId=member.service_account_id,
        membership=_membership(member),
    )


def _membership(member: GroupMember) -> str:
    return "OWNER" if member.is_owner else "MEMBER"


def member_shape(member: GroupMember, accounts: Mapping[str, str]) -> dict[str, Any]:
    """`user` and `group` were fetched with it."""
    place = without_nulls(**_place(member), membership=_membership(member), managedBy=member.managed_by or None)
    return {**person(member.user, member.service_account_id, accounts), "groups": [place]}


def _place(member: GroupMember) -> dict[str, Any]:
    group = member.group
    return {"id": group.id, "name": group.name, "external": group.is_external}


def access_shape(user: User, places: Iterable[GroupMember] = ()) -> dict[str, Any]:
    """Somebody who may enter a tenant, as its lists show them, with their places in groups."""
    return {
        "id": user.id,
        "username": user.email,
        "displayName": display_name(user),
        "groups": [_place(place) for place in places],
        "auths": [{"name": auth["name"], "type": auth["type"]} for auth in _auths(user)],
    }


def assignment_shape(binding: Binding) -> dict[str, Any]:
    """A role that somebody has, and why."""
    permissions = permissions_of(binding.role)
    return without_nulls(
        id=binding.role_id,
        name=binding.role.name,
        namespace=binding.namespace,
        origin="GROUP" if binding.group_id else "BINDING",
        sourceId=binding.group_id or binding.id,
        permissions=[{"resource": name, "actions": actions} for name, actions in permissions.items()],
    )


def account_facts(account: ServiceAccount) -> dict[str, Any]:
    """What the audit trail keeps of a service account."""
    return {
        "id": account.id,
        "name": account.name,
        "description": account.description,
        "superAdmin": account.is_superadmin,
        "disabled": account.is_disabled,
    }


def account_id(account: ServiceAccount | AccountAccess) -> str:
    found: str = account.id if isinstance(account, ServiceAccount) else account.service_account_id
    return found


def account_shape(account: ServiceAccount | AccountAccess, groups: Iterable[str]) -> dict[str, Any]:
    """A service account as its tenant sees it."""
    own = account if isinstance(account, ServiceAccount) else None
    return without_nulls(
        id=account_id(account),
        name=account.name,
        description=account.description or None,
        groups=[{"id": group} for group in groups],
        superAdmin=own is not None and own.is_superadmin,
        disabled=own is not None and own.is_disabled,
        ofInstance=own is None,
    )


def account_access_shape(account: ServiceAccount | AccountAccess, places: Iterable[GroupMember]) -> dict[str, Any]:
    """The same in the list of a tenant."""
    return without_nulls(
        id=account_id(account),
        username=account.name,
        displayName=account.name,
        description=account.description or None,
        groups=[_place(place) for place in places],
        auths=[],
        disabled=isinstance(account, ServiceAccount) and account.is_disabled,
    )


def instance_account_shape(account: ServiceAccount, tenants: Iterable[Tenant]) -> dict[str, Any]:
    """A service account as a superadmin sees it."""
    return without_nulls(
        id=account.id,
        name=account.name,
        description=account.description or None,
        tenants=[{"id": tenant.id, "name": tenant.name} for tenant in tenants],
        superAdmin=account.is_superadmin,
        disabled=account.is_disabled,
    )


def invitation_facts(invitation: Invitation) -> dict[str, Any]:
    """What the audit trail keeps of an invitation: never its secret."""
    return {
        "id": invitation.id,
        "email": invitation.email,
        "roles": invitation.roles,
        "groups": invitation.groups,
        "superAdmin": invitation.is_superadmin,
        "invitedBy": invitation.invited_by,
        "sentAt": iso(invitation.sent_at),
        "expiredAt": iso(invitation.expires_at),
        "acceptedAt": iso_or_none(invitation.accepted_at),
    }


@dataclass(frozen=True, slots=True)
class Usage:
    """How often an integration was called, and when last."""

    calls: int = 0
    last_called_at: datetime | None = None


def integration_shape(integration: SecurityIntegration, usage: Usage = Usage()) -> dict[str, Any]:
    """An integration; of its token only the beginning."""
    base = f"{config().origin}/api/v1/{integration.tenant_id}/integrations/{integration.id}/scim/v2"
    return without_nulls(
        id=integration.id,
        name=integration.name,
        type=integration.type,
        description=integration.description,
        tenantId=integration.tenant_id,
        enabled=integration.is_enabled,
        deleted=False,
        client=integration.client,
        endpoint=base,
        tokenPrefix=integration.prefix,
        createdAt=iso(integration.created_at),
        rotatedAt=iso_or_none(integration.rotated_at),
        formerTokenEndsAt=iso_or_none(integration.former_ends_at),
        lastCalledAt=iso_or_none(usage.last_called_at),
        calls=usage.calls,
    )


def call_shape(call: ScimCall) -> dict[str, Any]:
    """One call of an integration: what was asked, answered and changed, and why it failed."""
    return without_nulls(
        id=call.id,
        at=iso(call.at),
        method=call.method,
        path=call.path,
        asked=call.asked or None,
        status=call.status,
        answered=call.answered or None,
        changed=call.changed,
        error=call.error or None,
        milliseconds=call.milliseconds,
        requestId=call.request_id,
    )


def session_shape(session: Session, shown: str) -> dict[str, Any]:
    """Where somebody is signed in; `shown` is the one that asks."""
    return without_nulls(
        id=session.id,
        createdAt=iso(session.created_at),
        lastSeenAt=iso(session.last_seen_at),
        expiresAt=iso(session.expires_at),
        ip=session.ip,
        userAgent=session.user_agent or None,
        current=session.id == shown,
    )


def impersonator_shape(actor: Actor) -> dict[str, Any] | None:
    """Who acts as the one that is shown."""
    if actor.impersonator is None:
        return None
    identity, name = actor.impersonator
    return {"id": identity, "username": name}
