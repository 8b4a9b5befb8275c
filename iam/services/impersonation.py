"""A superadmin acts as somebody else: what they do is recorded under both names."""

from __future__ import annotations

from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.permissions import AUTHENTICATED, SUPERADMIN
from control_plane.kernel.words.errors import Conflict, Forbidden
from iam.authorization import versions
from iam.models import Session, User
from iam.services.tokens import some_user


@command(SUPERADMIN, on=some_user, instance=True, action=Action.IMPERSONATE)
def impersonate(ctx: Context, *, user_id: str) -> bool:
    """Let the session that was shown act as a user, until it is told to stop.

    False where a token was shown: its requests name the user in the header X-Kestra-Impersonate, each by itself.
    """
    user = ctx.target_as(User)
    if ctx.actor.kind is not ActorKind.USER or ctx.actor.impersonator:
        raise Forbidden("only a superadmin who is a person, and not somebody else already, acts as somebody else")
    if user.is_disabled or user.id == ctx.actor.id:
        raise Conflict("nobody can act as this user")
    is_session = Session.objects.filter(id=ctx.actor.credential, user_id=ctx.actor.id).update(acting_as=user) > 0
    if is_session:
        versions.move_identities()
    ctx.record("USER", user.id, email=user.email)
    return is_session


@command(AUTHENTICATED, instance=True, action=Action.IMPERSONATE)
def stop_impersonating(ctx: Context) -> None:
    """Be oneself again. Conflict for whoever is."""
    if ctx.actor.impersonator is None:
        raise Conflict("you act as nobody else")
    if Session.objects.filter(id=ctx.actor.credential).update(acting_as=None):
        versions.move_identities()
        ctx.record("USER", ctx.actor.id, hasEnded=True)
