"""API tokens of users."""

from __future__ import annotations

from datetime import timedelta

from audit.recording.commands import Target, command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.permissions import AUTHENTICATED, SUPERADMIN
from control_plane.kernel.words.errors import Forbidden, NotFound
from iam.models import ApiToken, User
from iam.record.tokens import NewToken, end_token, make_token, rotate_token


def some_user(ctx: Context, *, user_id: str) -> Target:
    user = User.objects.filter(id=user_id).first()
    if user is None:
        raise NotFound()
    return Target(user)


@command(AUTHENTICATED, instance=True)
def create_my_token(ctx: Context, *, wanted: NewToken) -> tuple[ApiToken, str]:
    """Make a token for whoever asks; its full text is returned once and kept nowhere."""
    return make_token(ctx, _me(ctx), wanted)


@command(SUPERADMIN, on=some_user, instance=True)
def create_token_for_user(ctx: Context, *, user_id: str, wanted: NewToken) -> tuple[ApiToken, str]:
    """The same for somebody else."""
    return make_token(ctx, ctx.target_as(User), wanted)


@command(AUTHENTICATED, instance=True)
def rotate_my_token(ctx: Context, *, token_id: str, overlap: timedelta) -> tuple[ApiToken, str]:
    """Make another one like it; the old one ends when the overlap does."""
    return rotate_token(ctx, _me(ctx), token_id, overlap)


@command(AUTHENTICATED, instance=True)
def delete_my_token(ctx: Context, *, token_id: str) -> None:
    """End one of one's own tokens at once."""
    end_token(ctx, _me(ctx), token_id)


@command(SUPERADMIN, on=some_user, instance=True)
def delete_token_of_user(ctx: Context, *, user_id: str, token_id: str) -> None:
    """The same for somebody else."""
    end_token(ctx, ctx.target_as(User), token_id)


def _me(ctx: Context) -> User:
    if ctx.actor.kind is not ActorKind.USER:
        raise Forbidden("only a user has personal tokens")
    if ctx.actor.impersonator:
        raise Forbidden("who acts as somebody else makes and ends no tokens of theirs")
    return User.objects.get(id=ctx.actor.id)
