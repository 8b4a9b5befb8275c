"""What a tenant's going means for what is laid over it."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from governance.models import Policy, QuotaCount
from tenants.hooks import on_purge


def register() -> None:
    """Called once, when the app is ready."""
    on_purge(remove_what_is_laid_over)


def remove_what_is_laid_over(ctx: Context) -> None:
    for model in (Policy, QuotaCount):
        model.objects.all().delete()
