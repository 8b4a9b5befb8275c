"""API tokens of users."""

from __future__ import annotations

import re
from datetime import timedelta

from audit.recording.commands import Target, command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.config import config
from control_plane.kernel.permissions import AUTHENTICATED, SUPERADMIN
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Forbidden, Invalid, NotFound, Violation
from iam.authentication.tokens import SHOWN, USER, digest, new_token
from iam.authorization import versions
from iam.models import ApiToken, User
from iam.shapes import token_shape

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = timedelta(days=3650)


def some_user(ctx: Context, *, user_id: str) -> Target:
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise NotFound()
    return Target(user)


@command(AUTHENTICATED, instance=True)
def create_my_token(
    ctx: Context, *, name: str, description: str = "", max_age: timedelta | None = None, is_extended: bool = False
) -> tuple[ApiToken, str]:
    """Make a token for whoever asks; its full text is returned once and kept nowhere."""
    if ctx.actor.kind is not ActorKind.USER:
        raise Forbidden("only a user has personal tokens")
    user = User.objects.get(id=ctx.actor.id)
    return _make(ctx, user, name, description, max_age, is_extended)


@command(SUPERADMIN, on=some_user, instance=True)
def create_token_for_user(
    ctx: Context,
    *,
    user_id: str,
    name: str,
    description: str = "",
    max_age: timedelta | None = None,
    is_extended: bool = False,
) -> tuple[ApiToken, str]:
    """The same for somebody else."""
    return _make(ctx, ctx.target_as(User), name, description, max_age, is_extended)


@command(AUTHENTICATED, instance=True)
def delete_my_token(ctx: Context, *, token_id: str) -> None:
    """End one of one's own tokens at once."""
    _end(ctx, ctx.actor.id, token_id)


@command(SUPERADMIN, on=some_user, instance=True)
def delete_token_of_user(ctx: Context, *, user_id: str, token_id: str) -> None:
    """The same for somebody else."""
    _end(ctx, user_id, token_id)


def _make(
    ctx: Context, user: User, name: str, description: str, max_age: timedelta | None, is_extended: bool
) -> tuple[ApiToken, str]:
    _check(name, max_age)
    lifetime = max_age or config().sessions.token_lifetime
    text = new_token(USER)
    token = ApiToken.objects.create(
        digest=digest(text),
        prefix=text[:SHOWN],
        name=name,
        description=description,
        user=user,
        expires_at=now() + lifetime,
        lifetime_seconds=int(lifetime.total_seconds()),
        is_extended=is_extended,
    )
    ctx.record("USER", user.id, after=token_shape(token), token=token.id)
    return token, text


def _check(name: str, max_age: timedelta | None) -> None:
    if len(name) > 63 or not _NAME.fullmatch(name):
        message = "lower case letters and digits in groups joined by hyphens, at most 63"
        raise Invalid(f"name: {message}", violations=[Violation(message, "name")])
    if max_age is not None and not timedelta(0) < max_age <= _LONGEST:
        message = "must be longer than nothing and at most ten years"
        raise Invalid(f"maxAge: {message}", violations=[Violation(message, "maxAge")])


def _end(ctx: Context, user_id: str, token_id: str) -> None:
    token = ApiToken.objects.filter(id=token_id, user_id=user_id).first()
    if token is None:
        raise NotFound()
    before = token_shape(token)
    token.delete()
    versions.move_identities()
    ctx.record("USER", user_id, before=before, token=token_id)
