"""Sessions: how one is opened, whoever has vouched for the user."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.words.clock import now
from iam.authentication.cache import actor_of
from iam.authentication.tokens import SESSION, digest, new_token
from iam.models import Session, User


@dataclass(frozen=True)
class Vouched:
    """By whom: nobody, where a password was right."""

    home: str = ""
    provider_id: str = ""
    subject: str = ""
    provider_session: str = ""
    sealed_hint: str = ""


def open_session(ctx: Context, user: User, vouched: Vouched | None = None) -> str:
    """Its secret, which is kept nowhere. Sessions that have ended are swept by the way."""
    secret, moment = new_token(SESSION), now()
    by = vouched or Vouched()
    Session.objects.filter(expires_at__lt=moment).delete()
    Session.objects.create(
        digest=digest(secret),
        user=user,
        expires_at=moment + config().sessions.lifetime,
        last_seen_at=moment,
        ip=ctx.ip,
        user_agent=ctx.user_agent,
        **asdict(by),
    )
    User.objects.filter(id=user.id).update(last_login_at=moment)
    ctx.actor = actor_of(user, home=by.home)
    ctx.record("USER", user.id, provider=by.provider_id or None)
    return secret
