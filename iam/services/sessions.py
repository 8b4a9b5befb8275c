"""Signing in and out."""

from __future__ import annotations

from audit.recording.commands import command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.permissions import AUTHENTICATED, PUBLIC
from control_plane.kernel.scope import after_rollback
from control_plane.kernel.words.durations import format_plainly
from iam.authentication.credentials import BadCredentials
from iam.authentication.lockout import remember_place
from iam.authentication.networks import network_of
from iam.authentication.sign_in import check, tell_failure
from iam.authorization import versions
from iam.models import Session
from iam.record.sessions import open_session


@command(PUBLIC, instance=True, action=Action.LOGIN)
def sign_in(ctx: Context, *, username: str, password: str, is_last: bool = True) -> str:
    """Open a session and return its secret, which is kept nowhere. Unless it `is_last`, somebody else is asked after
    a wrong password, and counts it."""
    user = check(username, password, ctx.ip)
    if user is None:
        if is_last:
            after_rollback(lambda: tell_failure(username, ctx.ip, ctx.request_id))
        raise wrong_credentials()
    is_new_place = remember_place(user, ctx.ip)
    told = {"method": "PASSWORD", **({"newPlace": network_of(ctx.ip)} if is_new_place else {})}
    ctx.because = lambda: told
    return open_session(ctx, user)


def wrong_credentials() -> BadCredentials:
    """The same for every name, closed or not, known or not: it tells how names are closed, and of none that it is."""
    rules = config().lockout
    window, duration = (format_plainly(each) for each in (rules.window, rules.duration))
    return BadCredentials(
        f"wrong name or password; {rules.failures} wrong ones within {window} close a name for {duration}"
    )


@command(AUTHENTICATED, instance=True, action=Action.LOGOUT)
def sign_out(ctx: Context) -> Session | None:
    """End the session that was shown, at once and everywhere; which one it was. A token stays."""
    ended = Session.objects.filter(id=ctx.actor.credential).first()
    if ended is None:
        return None
    Session.objects.filter(id=ended.id).delete()
    versions.move_identities()
    ctx.record("USER", ctx.actor.id)
    return ended
