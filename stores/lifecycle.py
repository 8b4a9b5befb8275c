"""What a tenant's coming and going means for its stores."""

from __future__ import annotations

from collections.abc import Iterable

from control_plane.kernel.actor import Context
from control_plane.kernel.sealed_rows import holds_sealed
from stores.models import Credential, CredentialToken, KvEntry, NamespaceFile, NamespaceFileRevision, Secret, TenantKey
from tenants.hooks import implied_namespaces, on_purge


def register() -> None:
    """Called once, when the app is ready."""
    implied_namespaces(namespaces_in_use)
    on_purge(remove_all)
    holds_sealed(TenantKey, "sealed", places=lambda row: [row.belongs_to])
    holds_sealed(Secret, "sealed", places=lambda row: [row.belonged_to])
    holds_sealed(CredentialToken, "sealed", places=lambda row: [row.belongs_to])
    holds_sealed(KvEntry, "value", places=lambda row: [("cipher", row.tenant_id)])


def namespaces_in_use() -> Iterable[str]:
    """Namespaces that exist because something is kept in them."""
    for model in (KvEntry, Secret, NamespaceFile):
        yield from model.objects.values_list("namespace", flat=True).distinct()
    yield from Credential.objects.exclude(namespace="").values_list("namespace", flat=True).distinct()


def remove_all(ctx: Context) -> None:
    for model in (KvEntry, Credential, Secret, TenantKey, NamespaceFileRevision, NamespaceFile):
        model.objects.all().delete()
