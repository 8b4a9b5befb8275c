"""What a tenant's going means for what is laid over it."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from governance.models import Policy, QuotaCount, RetentionPolicy, RetentionRun, RetentionTurn
from tenants.hooks import on_purge


def register() -> None:
    """Called once, when the app is ready."""
    on_purge(remove_what_is_laid_over)


def remove_what_is_laid_over(ctx: Context) -> None:
    for model in (Policy, QuotaCount, RetentionPolicy, RetentionRun):
        model.objects.all().delete()
    RetentionTurn.objects.filter(for_tenant=current_tenant()).delete()
