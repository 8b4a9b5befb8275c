"""Tokens of worker groups: minted, shown once, revoked."""

from __future__ import annotations

from datetime import timedelta

from audit.recording.commands import command
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from iam.authentication.tokens import SHOWN, digest, new_token
from workers.models import WorkerGroup, WorkerGroupToken
from workers.permissions import WORKER_GROUP
from workers.shapes import token_audited
from workers.worker_api.tokens import GROUP

PLATFORM = "platform"
"""Name of tokens whose workers stand beside the broker."""
IDLE = timedelta(days=1)


def locked_group(ctx: Context, *, key: str) -> WorkerGroup:
    group = WorkerGroup.objects.select_for_update().filter(key=key).first()
    if group is None:
        raise NotFound(f"Worker group '{key}' was not found")
    return group


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def create_group_token(
    ctx: Context, *, key: str, name: str, description: str = "", lifetime: timedelta | None = None
) -> tuple[WorkerGroupToken, str]:
    """A new token of a group, and its text, which is kept nowhere."""
    text = new_token(GROUP)
    token = WorkerGroupToken.objects.create(
        group=ctx.target_as(WorkerGroup),
        name=name,
        description=description,
        prefix=text[:SHOWN],
        hash=digest(text),
        expires_at=now() + lifetime if lifetime else None,
    )
    ctx.record(WORKER_GROUP.name, key, after=token_audited(token))
    return token, text


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def revoke_group_token(ctx: Context, *, key: str, token_id: str) -> None:
    """From the next request on nobody gets anything for it; what runs under it is lost with its lease."""
    token = _token(ctx, token_id)
    before = token_audited(token)
    token.revoked_at = token.revoked_at or now()
    token.save(update_fields=["revoked_at"])
    ctx.record(WORKER_GROUP.name, key, before=before, after=token_audited(token))


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def delete_group_token(ctx: Context, *, key: str, token_id: str) -> None:
    """Revoke and forget it."""
    token = _token(ctx, token_id)
    ctx.record(WORKER_GROUP.name, key, before=token_audited(token))
    token.delete()


def mint_group_token(group: str, name: str = PLATFORM) -> str:
    """A token for a worker of the platform itself; as the system. Those that nobody has used for a day are revoked."""
    ctx = Context(SYSTEM)
    idle = now() - IDLE
    unused = WorkerGroupToken.objects.filter(group_id=group, name=name, revoked_at=None, created_at__lt=idle)
    for token in unused.exclude(workers__seen_at__gte=idle):
        revoke_group_token(ctx, key=group, token_id=token.id)
    _, text = create_group_token(ctx, key=group, name=name)
    return text


def _token(ctx: Context, token_id: str) -> WorkerGroupToken:
    token = ctx.target_as(WorkerGroup).tokens.filter(id=token_id).first()
    if token is None:
        raise NotFound("This token was not found")
    return token
