"""Which credential is meant."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """By its id, or by its name in a namespace; the tenant's own have none."""

    id: str | None = None
    namespace: str = ""
    name: str = ""

    @property
    def condition(self) -> dict[str, str]:
        return {"id": self.id} if self.id is not None else {"namespace": self.namespace, "name": self.name}
