"""Invitations: those of a tenant, those to whoever asks, and the link that the invited person opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Q
from rest_framework.request import Request

from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.filter_fields import By, Op, Search, Text, Value, one
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import Answer, InstanceView, TenantView
from control_plane.kernel.permissions import AUTHENTICATED, PUBLIC
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso, iso_or_none, now
from control_plane.kernel.words.errors import BadParameter, Forbidden, NotFound
from iam.api.bodies import InvitationBody, InvitedUser
from iam.authentication.sign_in import normal
from iam.models import Group, Invitation, Role, User
from iam.permissions import INVITATION
from iam.queries import invitations_to
from iam.record.invitations import Found, check_open, find_invitation, link_of, state_of
from iam.record.offers import require_given
from iam.services.invitations import (
    accept_as_new_user,
    accept_invitation,
    invite,
    revoke_invitation,
    send_again,
)
from iam.shapes import group_shape, role_summary
from tenants.models import Tenant


def _status(op: Op, value: Value, key: str | None) -> Q:
    wanted, moment = one("status", value).upper(), now()
    states = {
        "ACCEPTED": Q(accepted_at__isnull=False),
        "EXPIRED": Q(accepted_at=None, expires_at__lte=moment),
        "PENDING": Q(accepted_at=None, expires_at__gt=moment),
    }
    if wanted not in states:
        raise BadParameter(f"`status` is one of {', '.join(sorted(states))}")
    return states[wanted] if op is Op.EQUALS else ~states[wanted]


class InvitationFilters(Filters):
    q = Search("email")
    email = Text("email")
    status = By({Op.EQUALS, Op.NOT_EQUALS}, _status)
    legacy = {"q": ("q", Op.EQUALS), "email": ("email", Op.EQUALS), "status": ("status", Op.EQUALS)}


class InvitationsView(TenantView):
    access = {
        "search": INVITATION.LIST,
        "by_email": INVITATION.VIEW,
        "show": INVITATION.VIEW,
        "create": invite,
        "resend": send_again,
        "delete": revoke_invitation,
    }

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        order = order_of(self.query, {"email": "email", "sentAt": "sent_at", "id": "id"}, ["-sent_at"])
        found = _kept().filter(InvitationFilters.matching(self.query)).order_by(*order)
        page = listed(found, page_of(self.query), lambda invitation: invitation)
        return {**page, "results": _shown(page["results"])}

    def by_email(self, request: Request, email: str) -> list[dict[str, Any]]:
        return _shown(_kept().filter(email=normal(email)).order_by("-sent_at", "id"))

    def show(self, request: Request, invitation_id: str) -> dict[str, Any]:
        """The link is told to whoever could give what it gives."""
        return self._with_link(_kept().get(id=invitation_id))

    @shaped(body=InvitationBody)
    def create(self, request: Request) -> Answer:
        invited = invite(self.ctx, wanted=self.body(InvitationBody).wanted)
        if invited.invitation is None:
            return Answer(status=204)
        return Answer(self._with_link(invited.invitation), 201)

    def resend(self, request: Request, invitation_id: str) -> dict[str, Any]:
        return self._with_link(send_again(self.ctx, invitation_id=invitation_id))

    def delete(self, request: Request, invitation_id: str) -> None:
        revoke_invitation(self.ctx, invitation_id=invitation_id)

    def _with_link(self, invitation: Invitation) -> dict[str, Any]:
        (shown,) = _shown([invitation])
        return without_nulls(**shown, link=link_of(invitation) if _may_give(self.ctx, invitation) else None)


def _kept() -> Any:
    return Invitation.objects.filter(revoked_at=None)


def _may_give(ctx: Context, invitation: Invitation) -> bool:
    try:
        require_given(ctx, invitation)
    except Forbidden:
        return False
    return True


def _shown(invitations: Iterable[Invitation]) -> list[dict[str, Any]]:
    found, moment = list(invitations), now()
    roles = {role.id: role for role in Role.objects.filter(id__in=_ids(found, "roles"))}
    groups = {group.id: group for group in Group.objects.filter(id__in=_ids(found, "groups"))}
    return [
        without_nulls(
            id=invitation.id,
            tenantId=invitation.tenant_id,
            email=invitation.email,
            status=state_of(invitation, moment),
            sentAt=iso(invitation.sent_at),
            expiredAt=iso(invitation.expires_at),
            acceptedAt=iso_or_none(invitation.accepted_at),
            superAdmin=invitation.is_superadmin,
            mail=invitation.mail or None,
            roles=[
                {**role_summary(roles[role["id"]]), "namespaces": role["namespaces"]}
                for role in invitation.roles
                if role["id"] in roles
            ],
            groups=[group_shape(groups[group]) for group in invitation.groups if group in groups],
        )
        for invitation in found
    ]


def _ids(invitations: list[Invitation], of: str) -> set[str]:
    if of == "groups":
        return {group for invitation in invitations for group in invitation.groups}
    return {role["id"] for invitation in invitations for role in invitation.roles}


class MyInvitationsView(InstanceView):
    """Those to whoever asks, in all tenants. An address that is the user's own word finds none."""

    access = {"list": AUTHENTICATED}

    def list(self, request: Request) -> list[dict[str, Any]]:
        if self.ctx.actor.kind is not ActorKind.USER:
            return []
        user = User.objects.get(id=self.ctx.actor.id)
        return [] if user.is_address_claimed else [_mine(each) for each in invitations_to(user.email)]


def _mine(invitation: Invitation) -> dict[str, Any]:
    state = state_of(invitation, now())
    return without_nulls(
        id=invitation.id,
        email=invitation.email,
        tenantId=invitation.tenant_id,
        status=state,
        isExpired=state == "EXPIRED",
        sentAt=iso(invitation.sent_at),
        expiredAt=iso(invitation.expires_at),
        groupIds=invitation.groups,
        bindings=[],
        superAdmin=invitation.is_superadmin,
        userType="STANDARD",
        deleted=False,
    )


class InvitationLinkView(InstanceView):
    """What the invited person sees and does, by the secret of the link; one who is signed in, by the id too."""

    access = {"show": PUBLIC, "accept": accept_invitation, "create": accept_as_new_user}

    def show(self, request: Request, named: str) -> dict[str, Any]:
        found = _found(named)
        if not found.is_shown:
            raise NotFound()
        with tenant_scope(found.tenant_id):
            invitation = Invitation.objects.get(id=found.id)
            check_open(invitation)
            tenant = Tenant.objects.get(id=found.tenant_id)
        return {
            "email": invitation.email,
            "tenantId": tenant.id,
            "tenantName": tenant.name,
            "expiredAt": iso(invitation.expires_at),
            "hasAccount": User.objects.filter(email=invitation.email, home="").exists(),
        }

    def accept(self, request: Request, named: str) -> dict[str, Any]:
        found = _found(named)
        accept_invitation(self._within(found), invitation_id=found.id, is_shown=found.is_shown)
        return {"tenantId": found.tenant_id}

    @shaped(body=InvitedUser)
    def create(self, request: Request, named: str) -> dict[str, Any]:
        found = _found(named)
        if not found.is_shown:
            raise NotFound()
        sent = self.body(InvitedUser)
        user = accept_as_new_user(
            self._within(found),
            invitation_id=found.id,
            first_name=sent.first_name,
            last_name=sent.last_name,
            password=sent.password,
        )
        return {"tenantId": found.tenant_id, "username": user.email}

    def _within(self, found: Found) -> Context:
        return replace(self.ctx, tenant_id=found.tenant_id, rights=None)


def _found(named: str) -> Found:
    found = find_invitation(named)
    if found is None:
        raise NotFound()
    return found
