"""Reads of secrets: their names for people, their values for jobs."""

from __future__ import annotations

from django.db.models import QuerySet

from control_plane.kernel.crypto import decrypt
from control_plane.kernel.words.errors import NotFound
from stores.models import Secret
from tenants.namespaces.inheritance import lineage


def inherited_keys(namespace: str) -> dict[str, list[str]]:
    """The keys seen from a namespace, as they were given, by the namespace in which each was set, nearest first."""
    line = lineage(namespace)
    found: dict[str, list[str]] = {name: [] for name in line}
    for secret in Secret.objects.filter(namespace__in=line).order_by("key").only("namespace", "key", "name"):
        found[secret.namespace].append(secret.shown_key)
    return found


def reveal(namespace: str, key: str) -> str:
    """The value a job of this namespace is entitled to: its own, else that of the nearest parent. Case does not count.

    Only for jobs; nothing that answers a person calls this. Raises NotFound.
    """
    line = lineage(namespace)
    rows = {row.namespace: row for row in _named(key).filter(namespace__in=line)}
    secret = next((rows[name] for name in line if name in rows), None)
    if secret is None:
        raise NotFound(f"Cannot find secret for key '{key}'.")
    return decrypt(secret.sealed, belongs_to=secret.belongs_to).decode()


def _named(key: str) -> QuerySet[Secret]:
    return Secret.objects.filter(key=key.upper())
