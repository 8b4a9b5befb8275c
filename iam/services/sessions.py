"""Signing in and out."""

from __future__ import annotations

from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.permissions import AUTHENTICATED, PUBLIC
from control_plane.kernel.scope import after_rollback
from control_plane.kernel.words.clock import now
from iam.authentication.cache import actor_of
from iam.authentication.credentials import BadCredentials
from iam.authentication.lockout import remember_place
from iam.authentication.sign_in import check, tell_failure
from iam.authentication.tokens import SESSION, digest, new_token
from iam.authorization import versions
from iam.models import Session, User


@command(PUBLIC, instance=True, action=Action.LOGIN)
def sign_in(ctx: Context, *, username: str, password: str) -> str:
    """Open a session and return its secret, which is kept nowhere."""
    user = check(username, password, ctx.ip)
    if user is None:
        after_rollback(lambda: tell_failure(username, ctx.ip, ctx.request_id))
        raise BadCredentials("wrong name or password")
    remember_place(user, ctx.ip)
    return open_session(ctx, user)


def open_session(ctx: Context, user: User) -> str:
    """Sessions that have ended are swept by the way."""
    secret, moment = new_token(SESSION), now()
    Session.objects.filter(expires_at__lt=moment).delete()
    Session.objects.create(
        digest=digest(secret),
        user=user,
        expires_at=moment + config().sessions.lifetime,
        last_seen_at=moment,
        ip=ctx.ip,
        user_agent=ctx.user_agent,
    )
    User.objects.filter(id=user.id).update(last_login_at=moment)
    ctx.actor = actor_of(user)
    ctx.record("USER", user.id)
    return secret


@command(AUTHENTICATED, instance=True, action=Action.LOGOUT)
def sign_out(ctx: Context) -> None:
    """End the session that was shown, at once and everywhere. A token stays."""
    ended, _ = Session.objects.filter(id=ctx.actor.credential).delete()
    if ended:
        versions.move_identities()
        ctx.record("USER", ctx.actor.id)
