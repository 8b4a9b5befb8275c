"""What a tenant's coming and going means for its stores."""

from __future__ import annotations

from collections.abc import Iterable

from control_plane.kernel.actor import Context
from stores.models import Credential, KvEntry, NamespaceFile, NamespaceFileRevision, Secret
from tenants.hooks import implied_namespaces, on_purge


def register() -> None:
    """Called once, when the app is ready."""
    implied_namespaces(namespaces_in_use)
    on_purge(remove_all)


def namespaces_in_use() -> Iterable[str]:
    """Namespaces that exist because something is kept in them."""
    for model in (KvEntry, Secret, NamespaceFile):
        yield from model.objects.values_list("namespace", flat=True).distinct()
    yield from Credential.objects.exclude(namespace="").values_list("namespace", flat=True).distinct()


def remove_all(ctx: Context) -> None:
    for model in (KvEntry, Credential, Secret, NamespaceFileRevision, NamespaceFile):
        model.objects.all().delete()
