"""What an invitation is while it waits, and what happens when it is accepted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.crypto import CannotDecrypt, decrypt, encrypt
from control_plane.kernel.scope import across_tenants, after_commit, current_tenant, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Gone
from iam.authentication.tokens import INVITATION, digest, is_well_formed, new_token
from iam.authorization import versions
from iam.mailing.smtp import Message, is_configured, send_soon
from iam.models import Group, Invitation, Role, TenantAccess, User
from iam.record.rights import Holder, bind, let_user_in, place
from iam.shapes import invitation_facts
from tenants.models import Tenant

QUEUED, SENT, FAILED = "QUEUED", "SENT", "FAILED"


class InvitationUsed(Gone):
    """This invitation was accepted already."""

    code = "invitation_used"


class InvitationExpired(Gone):
    """This invitation has expired; ask for another one."""

    code = "invitation_expired"


class InvitationRevoked(Gone):
    """This invitation was revoked."""

    code = "invitation_revoked"


def address_of(secret: str) -> str:
    """Where the invited person opens it."""
    return f"{config().origin}/ui/invitation/{secret}"


@dataclass(frozen=True)
class Given:
    """What an invitation gives: `roles` are `{"id": ..., "namespaces": [...]}`, `groups` ids."""

    roles: Sequence[dict[str, object]] = ()
    groups: Sequence[str] = ()
    is_superadmin: bool = False


def make_invitation(ctx: Context, email: str, given: Given) -> Invitation:
    """Ask somebody into the open tenant, whether there is a user of that address or not. Conflict for a member."""
    refuse_twice(email)
    invitation = Invitation(
        email=email,
        tenant_id=current_tenant(),
        roles=list(given.roles),
        groups=list(given.groups),
        is_superadmin=given.is_superadmin,
        invited_by=ctx.actor.id,
    )
    renew(invitation)
    invitation.save(force_insert=True)
    ctx.record("INVITATION", invitation.id, after=invitation_facts(invitation))
    send(invitation, ctx.actor.name)
    return invitation


def refuse_twice(email: str) -> None:
    members = TenantAccess.objects.values("user_id")
    if User.objects.filter(email=email, id__in=members).exists():
        raise Conflict("this user may enter already")
    waiting = Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, expires_at__gt=now())
    if waiting.exists():
        raise Conflict("there is an invitation for this address already")


def renew(invitation: Invitation) -> None:
    """Give it a new secret, the old one being worth nothing any more, and its whole time. The caller saves it."""
    secret = new_token(INVITATION)
    invitation.digest = digest(secret)
    invitation.sealed = encrypt(secret.encode(), belongs_to=belongs_to(invitation))
    invitation.sent_at = now()
    invitation.expires_at = invitation.sent_at + config().sessions.invitation_lifetime
    invitation.mail = QUEUED if is_configured() else ""


def link_of(invitation: Invitation) -> str | None:
    """None for one that cannot be accepted any more, or whose secret was encrypted by a key that is gone."""
    if state_of(invitation, now()) != "PENDING":
        return None
    try:
        return address_of(decrypt(invitation.sealed, belongs_to=belongs_to(invitation)).decode())
    except CannotDecrypt:
        return None


def belongs_to(invitation: Invitation) -> tuple[str, ...]:
    return ("invitation", invitation.tenant_id, invitation.id)


def state_of(invitation: Invitation, moment: datetime) -> str:
    if invitation.accepted_at is not None:
        return "ACCEPTED"
    return "EXPIRED" if invitation.expires_at <= moment else "PENDING"


def check_open(invitation: Invitation) -> None:
    """Raise what it is instead of open."""
    if invitation.revoked_at is not None:
        raise InvitationRevoked()
    if invitation.accepted_at is not None:
        raise InvitationUsed()
    if invitation.expires_at <= now():
        raise InvitationExpired()


def send(invitation: Invitation, inviter: str) -> None:
    """Mail the link once everything is committed; what becomes of it is written down."""
    link = link_of(invitation)
    if link is None or not is_configured():
        return
    name = Tenant.objects.values_list("name", flat=True).get(id=invitation.tenant_id)
    text = (
        f"{inviter} invites you to {name}.\n\nOpen this address to accept. It works until"
        f" {invitation.expires_at:%Y-%m-%d %H:%M} UTC and for you alone:\n\n{link}\n"
    )
    message = Message(invitation.email, f"You are invited to {name}", text)
    tenant_id, identity, sent_at = invitation.tenant_id, invitation.id, invitation.sent_at

    def told(is_sent: bool) -> None:
        with tenant_scope(tenant_id):
            Invitation.objects.filter(id=identity, sent_at=sent_at).update(mail=SENT if is_sent else FAILED)

    after_commit(lambda: send_soon(message, told))


def accept(ctx: Context, invitation: Invitation, user: User) -> None:
    """Let the user in with what the invitation gives: whoever made it could give it."""
    let_user_in(ctx, user.id)
    give(ctx, Holder(user_id=user.id), invitation.roles, invitation.groups)
    if invitation.is_superadmin and not user.is_superadmin:
        user.is_superadmin = True
        user.save(update_fields=["is_superadmin"])
        versions.move_identities()
    before = invitation_facts(invitation)
    invitation.accepted_at = now()
    invitation.save(update_fields=["accepted_at"])
    ctx.record("INVITATION", invitation.id, before=before, after=invitation_facts(invitation))


def give(ctx: Context, holder: Holder, roles: list[dict[str, object]], groups: list[str]) -> None:
    """What is still there of these roles and groups."""
    named = {role.id: role for role in Role.objects.filter(id__in=[role["id"] for role in roles])}
    for role in roles:
        namespaces = role.get("namespaces") or [None]
        assert isinstance(namespaces, list)
        for namespace in namespaces if role["id"] in named else ():
            bind(ctx, named[str(role["id"])], holder, namespace)
    for group in Group.objects.filter(id__in=groups, managed_by="").order_by("id"):
        if not group.members.filter(user_id=holder.user_id).exists():
            place(ctx, group, holder)


@dataclass(frozen=True)
class Found:
    """Where an invitation is, and whether its link was shown to find it."""

    tenant_id: str
    id: str
    is_shown: bool


def find_invitation(named: str) -> Found | None:
    """By the secret of its link, or by its id, which opens it for the right user alone."""
    by_secret = is_well_formed(named)
    wanted = Q(digest=digest(named)) if by_secret else Q(id=named)
    with across_tenants("whoever opens a link has not chosen a tenant"):
        row = Invitation.objects.filter(wanted).values_list("tenant_id", "id").first()
    return Found(*row, by_secret) if row else None
