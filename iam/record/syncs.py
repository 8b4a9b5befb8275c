"""Runs of a comparison with a directory: put into the queue, taken, and how each is shown."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso, iso_or_none, now
from control_plane.kernel.words.errors import Conflict
from iam.directories.settings import LDAP
from iam.models import DirectorySync, IdentityProvider

KEPT = 20
"""Runs of each provider."""
QUEUED, RUNNING, DONE, HELD, FAILED = "QUEUED", "RUNNING", "DONE", "HELD", "FAILED"


def queue_run(provider: IdentityProvider, *, is_dry_run: bool, is_forced: bool, asked_by: str) -> DirectorySync:
    """Conflict where one waits or goes on, or the provider cannot be compared with. The trail tells of its end."""
    if provider.kind != LDAP:
        raise Conflict("only a provider of kind LDAP can be compared with: others tell of whoever signs in")
    if not provider.is_enabled and not is_dry_run:
        raise Conflict("the provider is disabled")
    run = DirectorySync(
        provider_id=provider.id,
        is_dry_run=is_dry_run,
        is_forced=is_forced,
        asked_by=asked_by[:255],
        asked_at=now(),
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError:
        raise Conflict("the directory is being compared with already") from None
    latest = DirectorySync.objects.filter(provider_id=provider.id).order_by("-asked_at", "-id")
    DirectorySync.objects.filter(id__in=list(latest.values_list("id", flat=True)[KEPT:])).delete()
    return run


def begin_run(run_id: str) -> bool:
    """Take one that waits; False where another process has taken it."""
    waiting = DirectorySync.objects.filter(id=run_id, state=QUEUED)
    return waiting.update(state=RUNNING, started_at=now()) == 1


def sync_shape(run: DirectorySync, *, with_diff: bool = True) -> dict[str, Any]:
    return without_nulls(
        id=run.id,
        state=run.state,
        dryRun=run.is_dry_run,
        forced=run.is_forced,
        askedBy=run.asked_by or None,
        askedAt=iso(run.asked_at),
        startedAt=iso_or_none(run.started_at),
        endedAt=iso_or_none(run.ended_at),
        counts=run.counts,
        diff=run.diff if with_diff else None,
        problem=run.problem or None,
    )
