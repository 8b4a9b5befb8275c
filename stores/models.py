"""Secrets and key-value pairs as they are kept."""

from __future__ import annotations

from typing import Any

from django.db import models

from control_plane.kernel.models import TenantOwned


class Secret(TenantOwned):
    """A value that leaves the system only into a job entitled to it. `sealed` is bound to tenant, namespace and key."""

    namespace = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    """What it is looked up by: in upper case, for case does not count."""
    name = models.CharField(max_length=255, default="", db_default="")
    """The key as it was given; empty for what was set before names were kept."""
    description = models.TextField(blank=True, default="")
    tags = models.JSONField[list[dict[str, str]], list[dict[str, str]]](default=list)
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(TenantOwned.Meta):
        db_table = "secret"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "namespace", "key"], name="secret_key")]

    @property
    def shown_key(self) -> str:
        return self.name or self.key

    @property
    def belongs_to(self) -> tuple[str, ...]:
        return ("secret", self.tenant_id, self.namespace, self.key)


class KvEntry(TenantOwned):
    """A typed value of a namespace. One that has expired is gone, whether it was swept yet or not."""

    namespace = models.CharField(max_length=150)
    key = models.CharField(max_length=255)
    type = models.CharField(max_length=10)
    value = models.JSONField[Any, Any]()
    description = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        db_table = "kv_entry"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "namespace", "key"], name="kv_entry_key")]
        indexes = [
            models.Index(fields=["expires_at"], name="kv_entry_expiry", condition=models.Q(expires_at__isnull=False))
        ]
