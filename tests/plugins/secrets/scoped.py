"""Our own database as one of the places, entering the scope of each tenant that is asked for."""

from __future__ import annotations

from control_plane.kernel.scope import tenant_scope
from plugins.secrets.port import Described, Place
from stores.secrets.built_in import BuiltInBackend


class ScopedBuiltIn(BuiltInBackend):
    def entries(self, place: Place) -> list[Described]:
        with tenant_scope(place.tenant):
            return super().entries(place)

    def get(self, place: Place, key: str) -> str | None:
        with tenant_scope(place.tenant):
            return super().get(place, key)

    def put(self, place: Place, described: Described, value: str) -> None:
        with tenant_scope(place.tenant):
            super().put(place, described, value)

    def remove(self, place: Place, key: str) -> bool:
        with tenant_scope(place.tenant):
            return super().remove(place, key)
