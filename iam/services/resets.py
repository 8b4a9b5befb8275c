"""A new password for somebody who forgot theirs: asked for, mailed, and used once."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from audit.recording.commands import command
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import config
from control_plane.kernel.permissions import PUBLIC, SUPERADMIN
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Gone
from iam.authentication.cache import actor_of
from iam.authentication.lockout import unlock
from iam.authentication.sign_in import normal
from iam.authentication.tokens import RESET, digest, is_well_formed, new_token
from iam.mailing.smtp import Message, is_configured, send_from
from iam.models import PasswordReset, ResetRequests, User
from iam.record.transitions import put_password

# One statement, so that requests at once are all counted. It returns nothing within the cool-down or over the limit.
_COUNT = """
INSERT INTO iam_reset_requests AS r (email, count, since, last_at)
VALUES (%(email)s, 1, %(now)s, %(now)s)
ON CONFLICT (email) DO UPDATE SET
    count = CASE WHEN r.since < %(window)s THEN 1 ELSE r.count + 1 END,
    since = CASE WHEN r.since < %(window)s THEN %(now)s ELSE r.since END,
    last_at = %(now)s
WHERE r.last_at < %(cool)s AND (r.since < %(window)s OR r.count < %(limit)s)
RETURNING email
"""


class ResetVoid(Gone):
    """This link was used, has expired, or was replaced by a newer one."""

    code = "reset_void"


@command(PUBLIC, instance=True)
def ask_for_reset(ctx: Context, *, username: str) -> None:
    """Mail a link, beside the request: what is answered, and when, does not tell whether there is such a user."""
    name = normal(username)
    if not is_configured() or not _counts(name):
        return
    ctx.record("USER", name, reset="asked for")
    after_commit(lambda: send_from(lambda: make_reset(Context(SYSTEM), name=name)))


def _counts(name: str) -> bool:
    rules, moment = config().password_reset, now()
    values: dict[str, str | int | datetime] = {
        "email": name,
        "now": moment,
        "window": moment - rules.window,
        "cool": moment - rules.cooldown,
        "limit": rules.requests,
    }
    ResetRequests.objects.filter(last_at__lt=moment - rules.window - rules.cooldown).exclude(email=name).delete()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        return cursor.fetchone() is not None


@command(SUPERADMIN, instance=True)
def make_reset(ctx: Context, *, name: str) -> Message | None:
    """The message with a link, for a user who signs in with a password; links from before are void."""
    user = User.objects.filter(email=name, home="", is_disabled=False).exclude(password="").first()
    if user is None:
        return None
    secret, lifetime = new_token(RESET), config().password_reset.lifetime
    PasswordReset.objects.filter(user=user).delete()
    reset = PasswordReset.objects.create(digest=digest(secret), user=user, expires_at=now() + lifetime)
    ctx.record("USER", user.id, reset=reset.id)
    text = (
        "Somebody, hopefully you, asked for a new password. Open this address to choose one. It works once, until"
        f" {reset.expires_at:%Y-%m-%d %H:%M} UTC:\n\n{config().origin}/ui/reset-password/{secret}\n\n"
        "If it was not you, nothing has changed and nothing is to be done.\n"
    )
    return Message(user.email, "Choose a new password", text)


@command(PUBLIC, instance=True)
def reset_password(ctx: Context, *, secret: str, password: str) -> None:
    """Put the new password; all sessions end. A password that the policy refuses does not use the link up."""
    found = None
    if is_well_formed(secret):
        waiting = PasswordReset.objects.select_for_update().filter(digest=digest(secret), expires_at__gt=now())
        found = waiting.filter(user__is_disabled=False).first()
    if found is None:
        raise ResetVoid()
    user = User.objects.select_for_update().get(id=found.user_id)
    ctx.actor = actor_of(user)
    unlock(user.email)
    put_password(ctx, user, password)
