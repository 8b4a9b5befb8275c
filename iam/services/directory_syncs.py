"""Comparing everybody with a directory: asked for and ended, and what it does to who has left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from audit.recording.commands import Target, command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.names import check_name
from iam.models import DirectorySync, ExternalIdentity, Group, IdentityProvider
from iam.permissions import GROUP, SECURITY_INTEGRATION, USER
from iam.record.directory_groups import leave_groups
from iam.record.identities import person_left
from iam.record.syncs import RUNNING, queue_run
from iam.services.identity_providers import locked_provider
from iam.shapes import group_shape


@command(SECURITY_INTEGRATION.UPDATE, on=locked_provider, instance=None)
def ask_for_sync(ctx: Context, *, provider_id: str, is_dry_run: bool = False, is_forced: bool = False) -> DirectorySync:
    """Let everybody be compared with the directory, soon. Conflict where that is going on already."""
    provider = ctx.target_as(IdentityProvider)
    run = queue_run(provider, is_dry_run=is_dry_run, is_forced=is_forced, asked_by=ctx.actor.name)
    ctx.record("SECURITY_INTEGRATION", provider.id, sync=run.id, dryRun=is_dry_run, forced=is_forced)
    return run


def running(ctx: Context, *, run_id: str) -> Target:
    run = DirectorySync.objects.select_for_update().filter(id=run_id).first()
    if run is None:
        raise NotFound()
    return Target(run)


@dataclass(frozen=True)
class Ended:
    """What came of a run."""

    state: str
    counts: dict[str, int] = field(default_factory=dict)
    diff: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


@command(USER.UPDATE, on=running, instance=None, action=Action.UPDATE)
def end_sync(ctx: Context, *, run_id: str, ended: Ended) -> None:
    """Write down what came of it, once."""
    run = ctx.target_as(DirectorySync)
    if run.state != RUNNING:
        return
    run.state, run.ended_at, run.problem = ended.state, now(), ended.problem[:1000]
    run.counts, run.diff = ended.counts, ended.diff
    run.save(update_fields=["state", "ended_at", "counts", "diff", "problem"])
    if not run.is_dry_run:
        facts = {"state": run.state, "counts": run.counts, **({"problem": run.problem} if run.problem else {})}
        IdentityProvider.objects.filter(id=run.provider_id).update(synced_at=run.ended_at, last_sync=facts)
    told = without_nulls(askedBy=run.asked_by or None, dryRun=run.is_dry_run, problem=run.problem or None)
    ctx.record("SECURITY_INTEGRATION", run.provider_id, sync=run.id, state=run.state, counts=run.counts, **told)


@command(USER.UPDATE, instance=True)
def let_go(ctx: Context, *, provider: IdentityProvider, identity_id: str) -> str:
    """Somebody whom the directory knows no more; the id of their user."""
    found = ExternalIdentity.objects.select_for_update(of=("self",)).select_related("user")
    identity = found.filter(id=identity_id, provider_id=provider.id).first()
    if identity is None:
        raise NotFound()
    person_left(ctx, provider, identity)
    return identity.user_id


@command(USER.MANAGE_GROUP_MEMBERSHIP)
def take_places(ctx: Context, *, user_id: str, managed_by: str) -> None:
    """What the directory gave somebody in this tenant."""
    leave_groups(ctx, user_id, managed_by)


@command(GROUP.CREATE)
def provide_groups(ctx: Context, *, names: Iterable[str]) -> list[str]:
    """Make those that are missing, before any of their members has signed in; which they were."""
    wanted = sorted({check_name("group", name) for name in names})
    there = set(Group.objects.filter(name__in=wanted).values_list("name", flat=True))
    made = [name for name in wanted if name not in there]
    for name in made:
        group = Group.objects.create(name=name, is_external=True)
        ctx.record("GROUP", group.id, after=group_shape(group))
    return made
