"""A part of a tenant that something is said about: a namespace with those below it, or everything."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from control_plane.kernel.places import within


@dataclass(frozen=True, slots=True)
class Reach:
    """Without a namespace it is the whole tenant. `but` are namespaces inside it that are spoken for elsewhere."""

    namespace: str = ""
    but: tuple[str, ...] = ()

    def q(self, column: str = "namespace") -> Q:
        """Rows whose column names a namespace in it."""
        found = within(column, self.namespace) if self.namespace else Q()
        for each in self.but:
            found &= ~within(column, each)
        return found

    def holds(self, namespace: str) -> bool:
        return _is_below(namespace, self.namespace) and not any(_is_below(namespace, each) for each in self.but)


def _is_below(namespace: str, top: str) -> bool:
    return not top or namespace == top or namespace.startswith(f"{top}.")
