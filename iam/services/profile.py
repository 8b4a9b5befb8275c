"""What somebody does about themselves: name, address, preferences, password, sessions."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from audit.recording.commands import command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.scope import after_rollback
from control_plane.kernel.words.errors import Forbidden, Invalid, NotFound, Violation
from iam.authentication.sign_in import check, normal, tell_failure
from iam.authentication.tokens import SESSION, digest, new_token
from iam.authorization import versions
from iam.models import Session, User
from iam.record.transitions import change_user, put_password

THEMES = ("light", "dark", "auto")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
_OWN = ("email", "first_name", "last_name")


def myself(ctx: Context) -> User:
    if ctx.actor.kind is not ActorKind.USER:
        raise Forbidden("only a user has a profile")
    if ctx.actor.impersonator:
        raise Forbidden("who acts as somebody else does not change who they are")
    return User.objects.select_for_update().get(id=ctx.actor.id)


@command(AUTHENTICATED, instance=True)
def update_me(ctx: Context, *, changes: dict[str, Any], preferences: dict[str, str], password: str = "") -> User:
    """Change one's own name, preferences or address; another address asks for the password."""
    user = myself(ctx)
    own = {key: changes[key] for key in changes if key in _OWN}
    if own:
        _refuse_bound(ctx, user)
    if "email" in own and normal(own["email"]) != user.email:
        _require_password(ctx, user, password, "password")
        own["is_address_claimed"] = True
    if preferences:
        own["preferences"] = {**user.preferences, **_checked(preferences)}
    change_user(ctx, user, own)
    return user


def _refuse_bound(ctx: Context, user: User) -> None:
    """Whom a directory alone vouches for is what it says: a password of their own would outlast it. And a tenant's
    changes nothing that counts elsewhere."""
    if user.home or (not user.password and user.identities.exists()):
        raise Forbidden("your company's directory says who you are: change it there")
    if ctx.actor.home:
        raise Forbidden("sign in with your password to change this")


def _checked(preferences: dict[str, str]) -> dict[str, str]:
    language, theme, zone = (preferences.get(name) for name in ("language", "theme", "timeZone"))
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise _wrong("language", "a code such as `en` or `pt-BR` is expected")
    if theme is not None and theme not in THEMES:
        raise _wrong("theme", f"one of {', '.join(THEMES)} is expected")
    if zone is not None and zone not in available_timezones():
        raise _wrong("timeZone", "a name such as `Europe/Paris` is expected")
    return preferences


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", violations=[Violation(message, field)])


@command(AUTHENTICATED, instance=True)
def change_my_password(ctx: Context, *, old: str, new: str) -> str | None:
    """Needs the old one, which is no easier to guess here than at the sign-in. All other sessions of the user end.

    The session that was shown goes on under another secret, which is returned; None where a token was shown.
    """
    user = myself(ctx)
    _refuse_bound(ctx, user)
    _require_password(ctx, user, old, "oldPassword")
    put_password(ctx, user, new, keep_session=ctx.actor.credential)
    secret = new_token(SESSION)
    rotated = Session.objects.filter(id=ctx.actor.credential, user=user).update(digest=digest(secret))
    return secret if rotated else None


def _require_password(ctx: Context, user: User, password: str, field: str) -> None:
    if user.password and check(user.email, password, ctx.ip) is None:
        after_rollback(lambda: tell_failure(user.email, ctx.ip, ctx.request_id))
        raise Forbidden(f"{field}: the password is wrong")


@command(AUTHENTICATED, instance=True)
def end_my_session(ctx: Context, *, session_id: str) -> None:
    """End one of one's own sessions at once."""
    user = myself(ctx)
    ended, _ = Session.objects.filter(id=session_id, user=user).delete()
    if not ended:
        raise NotFound()
    versions.move_identities()
    ctx.record("USER", user.id, sessionsEnded=1)


@command(AUTHENTICATED, instance=True)
def end_my_other_sessions(ctx: Context) -> int:
    """End all of one's own sessions but the one that is shown; how many there were."""
    user = myself(ctx)
    ended, _ = Session.objects.filter(user=user).exclude(id=ctx.actor.credential).delete()
    if ended:
        versions.move_identities()
        ctx.record("USER", user.id, sessionsEnded=ended)
    return ended
