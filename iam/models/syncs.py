"""Comparisons of everybody with a directory: asked for, going on, and what came of them."""

from __future__ import annotations

from typing import Any

from django.db import models

from control_plane.kernel.models import InstanceOrTenantOwned
from control_plane.kernel.words.ids import ID_LENGTH


class DirectorySync(InstanceOrTenantOwned):
    """One run. The last of each provider are kept."""

    provider_id = models.CharField(max_length=ID_LENGTH)
    is_dry_run = models.BooleanField(default=False)
    """It only shows what would be changed."""
    is_forced = models.BooleanField(default=False)
    """However many leave."""
    state = models.CharField(max_length=10, default="QUEUED")
    """QUEUED, RUNNING, then DONE, HELD (too many would leave: nothing was changed) or FAILED."""
    asked_by = models.CharField(max_length=255, blank=True, default="")
    """ "" where it was time."""
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    counts = models.JSONField[dict[str, int], dict[str, int]](default=dict)
    diff = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    """The first of each kind: joined, changed, left, refused, and groups that are made."""
    problem = models.TextField(blank=True, default="")

    class Meta(InstanceOrTenantOwned.Meta):
        db_table = "iam_directory_sync"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "provider_id"],
                condition=models.Q(state__in=("QUEUED", "RUNNING")),
                name="iam_directory_sync_one",
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "provider_id", "-asked_at"], name="iam_directory_sync_latest")]
