"""Reads of credentials: those that hold in a namespace, its own and what is lent from above and by the tenant."""

from __future__ import annotations

from control_plane.kernel.words.errors import NotFound
from stores.credentials.places import Place
from stores.models import Credential
from tenants.namespaces.inheritance import lineage

TENANT = "tenant"
"""How the API calls the level of the whole tenant."""


def no_credential(place: Place) -> NotFound:
    """What is said of one that is not there, or is hidden from whoever asks."""
    return NotFound(f"Credential '{place.name or place.id}' was not found")


def get_credential(place: Place) -> Credential:
    """NotFound names it."""
    found = Credential.objects.filter(**place.condition).first()
    if found is None:
        raise no_credential(place)
    return found


def find_inherited(namespace: str, name: str) -> Credential:
    """The nearest of this name: of the namespace, of its parents, of the tenant. NotFound says where it was looked."""
    line = [*lineage(namespace), ""]
    rows = {row.namespace: row for row in Credential.objects.filter(namespace__in=line, name=name)}
    for place in line:
        if place in rows:
            return rows[place]
    places = ", ".join(f"`{place}`" if place else "the tenant" for place in line)
    raise NotFound(f"Cannot find credential '{name}' in {places}.")


def inherited_levels(namespace: str) -> list[tuple[str, list[Credential]]]:
    """What is lent to a namespace, nearest level first, the tenant's last; levels without any are left out."""
    levels = [*lineage(namespace)[1:], ""]
    found: dict[str, list[Credential]] = {level: [] for level in levels}
    for row in Credential.objects.filter(namespace__in=levels).order_by("name"):
        found[row.namespace].append(row)
    return [(level or TENANT, rows) for level, rows in found.items() if rows]
