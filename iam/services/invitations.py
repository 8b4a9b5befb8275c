"""Invitations into a tenant: made, sent again, revoked and accepted."""

from __future__ import annotations

from dataclasses import dataclass, field

from audit.recording.commands import Target, command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.permissions import PUBLIC
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, Forbidden, NotFound, Unauthenticated
from iam.authentication.cache import actor_of
from iam.authentication.sign_in import normal
from iam.models import Invitation, User
from iam.permissions import INVITATION
from iam.record.invitations import Given, accept, check_open, give, make_invitation, refuse_twice, renew, send
from iam.record.offers import NewInvitation, check_given, require_given
from iam.record.rights import Holder, let_user_in
from iam.record.transitions import check_email, make_user
from iam.shapes import invitation_facts


@dataclass
class Invited:
    """What came of it: an invitation that waits, or None where the user was let in at once."""

    invitation: Invitation | None = field(default=None)


def locked_invitation(ctx: Context, *, invitation_id: str) -> Target:
    found = Invitation.objects.select_for_update().filter(id=invitation_id, revoked_at=None).first()
    if found is None:
        raise NotFound()
    return Target(found)


@command(INVITATION.CREATE)
def invite(ctx: Context, *, wanted: NewInvitation) -> Invited:
    """Ask somebody in, with roles and groups that the inviter holds. Conflict for a member or who is asked already.

    Nobody but a superadmin, who knows all users, learns whether there is one of this address.
    """
    check_email(wanted.email)
    email = normal(wanted.email)
    check_given(ctx, wanted)
    refuse_twice(email)
    user = User.objects.filter(email=email, home="").first() if ctx.actor.is_superadmin else None
    if ctx.actor.is_superadmin and (user is not None or wanted.is_direct):
        _let_in_at_once(ctx, wanted, user or make_user(ctx, email=email))
        return Invited()
    given = Given(wanted.kept_roles, wanted.groups, wanted.is_superadmin)
    return Invited(make_invitation(ctx, email, given))


def _let_in_at_once(ctx: Context, wanted: NewInvitation, user: User) -> None:
    if wanted.is_superadmin and not user.is_superadmin:
        raise Forbidden("a user who is there already becomes a superadmin by themselves alone")
    let_user_in(ctx, user.id)
    give(ctx, Holder(user_id=user.id), wanted.kept_roles, list(wanted.groups))


@command(INVITATION.CREATE, on=locked_invitation)
def send_again(ctx: Context, *, invitation_id: str) -> Invitation:
    """Give it a new link and its whole time again. Who sends it must hold what it gives."""
    invitation = ctx.target_as(Invitation)
    if invitation.accepted_at is not None:
        raise Conflict("the invitation was accepted already")
    require_given(ctx, invitation)
    before = invitation_facts(invitation)
    renew(invitation)
    invitation.save()
    ctx.record("INVITATION", invitation.id, before=before, after=invitation_facts(invitation))
    send(invitation, ctx.actor.name)
    return invitation


@command(INVITATION.DELETE, on=locked_invitation)
def revoke_invitation(ctx: Context, *, invitation_id: str) -> None:
    """Nobody can accept it any more, and whoever tries is told so."""
    invitation = ctx.target_as(Invitation)
    before = invitation_facts(invitation)
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])
    ctx.record("INVITATION", invitation_id, before=before)


@command(PUBLIC)
def accept_invitation(ctx: Context, *, invitation_id: str, is_shown: bool) -> None:
    """Accept, as the user it is for. Without the link (`is_shown`) the address must be more than the user's word."""
    invitation = _open(invitation_id)
    if ctx.actor.kind is not ActorKind.USER:
        raise Unauthenticated("sign in to accept the invitation")
    user = User.objects.select_for_update().get(id=ctx.actor.id)
    if user.email != invitation.email or (user.is_address_claimed and not is_shown):
        raise Forbidden("this invitation is for somebody else")
    if user.is_address_claimed:
        user.is_address_claimed = False
        user.save(update_fields=["is_address_claimed"])
    accept(ctx, invitation, user)


@command(PUBLIC)
def accept_as_new_user(ctx: Context, *, invitation_id: str, first_name: str, last_name: str, password: str) -> User:
    """Become a user by the link alone, with a password that the policy accepts. Conflict where there is a user."""
    invitation = _open(invitation_id)
    if User.objects.filter(email=invitation.email, home="").exists():
        raise Conflict("there is a user of this address: sign in to accept")
    user = make_user(ctx, email=invitation.email, password=password, first_name=first_name, last_name=last_name)
    ctx.actor = actor_of(user)
    accept(ctx, invitation, user)
    return user


def _open(invitation_id: str) -> Invitation:
    invitation = Invitation.objects.select_for_update().filter(id=invitation_id).first()
    if invitation is None:
        raise NotFound()
    check_open(invitation)
    return invitation
