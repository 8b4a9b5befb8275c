"""Forgets fires that are so old that nobody could fire them again."""

from __future__ import annotations

from datetime import timedelta

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.clock import now
from triggers.models import Fire

KEPT = timedelta(days=7)
AT_ONCE = 5_000

_TENANTS = "SELECT DISTINCT tenant_id FROM trigger_fire WHERE at < %s"


def forget_old_fires() -> bool:
    """Whether there may be more."""
    before = now() - KEPT
    pipeline = Pipeline()
    with across_tenants("fires of all tenants that are old"):
        place = pipeline.add(_TENANTS, [before])
        tenants = [tenant for (tenant,) in pipeline.run()[place]]
    more = False
    for tenant in tenants:
        with tenant_scope(tenant):
            old = list(Fire.objects.filter(at__lt=before).values_list("pk", flat=True)[:AT_ONCE])
            Fire.objects.filter(pk__in=old).delete()
            more |= len(old) == AT_ONCE
    return more
