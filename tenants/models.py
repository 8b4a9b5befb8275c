"""Tenants, and the namespaces somebody has created or configured."""

from __future__ import annotations

from typing import Any

from django.db import models

from control_plane.kernel.models import TENANT_ID_LENGTH, TenantOwned
from control_plane.kernel.scope import tenant_or_none
from tenants.namespaces.names import NAMESPACE_LENGTH


class TenantRows(models.Manager["Tenant"]):
    """All tenants in the instance's scope; inside a tenant's scope only that one. The database holds the same."""

    def get_queryset(self) -> models.QuerySet[Tenant]:
        tenant = tenant_or_none()
        queryset = super().get_queryset()
        return queryset if tenant is None else queryset.filter(id=tenant)


class Tenant(models.Model):
    """An isolated environment. Its id is in every address and in every row it owns, and never changes."""

    id = models.CharField(primary_key=True, max_length=TENANT_ID_LENGTH)
    name = models.CharField(max_length=255)
    settings = models.JSONField[dict[str, Any], dict[str, Any]](default=dict, blank=True)
    """What the API echoes: quotas, concurrency, default dashboards and the like."""
    logo = models.TextField(null=True)
    catalog_logo = models.TextField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantRows()

    class Meta:
        db_table = "tenant"


class Namespace(TenantOwned):
    """A namespace with settings of its own. Others exist because a flow lives in them."""

    name = models.CharField(max_length=NAMESPACE_LENGTH)
    description = models.TextField(blank=True, default="")
    variables = models.JSONField[dict[str, Any], dict[str, Any]](default=dict, blank=True)
    settings = models.JSONField[dict[str, Any], dict[str, Any]](default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantOwned.Meta):
        db_table = "namespace"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "name"], name="namespace_name")]
