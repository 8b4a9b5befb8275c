"""Secrets in our own database: each value under a key of its own, bound to where it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from control_plane.kernel.crypto import decrypt, encrypt, wrapped_by
from control_plane.kernel.words.egress import EgressPolicy
from plugins.secrets.port import Described, Level, Place, SecretsBackend
from plugins.secrets.settings import BackendSettings
from stores.models import Secret
from stores.secrets.tenant_keys import is_of_a_tenant, present_key, tenant_key


def rows_of(namespaces: Iterable[str]) -> QuerySet[Secret]:
    return Secret.objects.filter(namespace__in=list(namespaces))


def find(namespaces: Iterable[str], key: str) -> dict[str, Secret]:
    """The rows of this key in any case, by namespace."""
    return {row.namespace: row for row in rows_of(namespaces).filter(key=key.upper())}


def opened(secret: Secret) -> str:
    """Its value. Raises CannotDecrypt."""
    key_id = wrapped_by(secret.sealed)
    if not is_of_a_tenant(key_id):
        return decrypt(secret.sealed, belongs_to=secret.belonged_to).decode()
    return decrypt(secret.sealed, belongs_to=secret.belongs_to, under=tenant_key(key_id)).decode()


def seal(secret: Secret, value: str) -> None:
    """Put a value into it; saving is the caller's."""
    secret._stamp()
    secret.version += 1
    secret.sealed = encrypt(value.encode(), belongs_to=secret.belongs_to, under=present_key())


def tags_of(secret: Secret) -> Mapping[str, str]:
    return {tag["key"]: tag["value"] for tag in secret.tags if "key" in tag}


class BuiltInBackend(SecretsBackend):
    """Our own database as one place among others, in the open tenant's scope: to move secrets into it and out of it."""

    TITLE = "Encrypted in our own database"

    def __init__(self) -> None:
        super().__init__(BackendSettings(), Level.INSTANCE, EgressPolicy())

    def entries(self, place: Place) -> list[Described]:
        rows = rows_of([place.namespace]).defer("sealed").order_by("key")
        return [Described(row.shown_key, row.description, tags_of(row)) for row in rows]

    def get(self, place: Place, key: str) -> str | None:
        row = find([place.namespace], key).get(place.namespace)
        return opened(row) if row is not None and row.shown_key == key else None

    def put(self, place: Place, described: Described, value: str) -> None:
        row = find([place.namespace], described.key).get(place.namespace)
        row = row or Secret(namespace=place.namespace, key=described.key.upper())
        row.name, row.description = described.key, described.description
        row.tags = [{"key": name, "value": text} for name, text in described.tags.items()]
        seal(row, value)
        row.save()

    def remove(self, place: Place, key: str) -> bool:
        return bool(find([place.namespace], key)) and bool(
            rows_of([place.namespace]).filter(key=key.upper()).delete()[0]
        )
