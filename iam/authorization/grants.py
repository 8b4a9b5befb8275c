"""What one actor may do in one tenant, compiled so that each question is a look into a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from control_plane.kernel.permissions import Permission
from tenants.namespaces.names import lineage

Held = tuple[str | None, Mapping[str, Iterable[str]]]


@dataclass(frozen=True, slots=True)
class Grants:
    """`everywhere` holds in the whole tenant, `within` in these namespaces and their children, `exactly` in these
    namespaces alone."""

    is_member: bool = False
    everywhere: frozenset[tuple[str, str]] = frozenset()
    within: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    exactly: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[tuple[str, str], frozenset[str]] = field(init=False, repr=False, compare=False)
    """`within` once more, to be looked into: an answer costs as much with a thousand namespaces as with one."""

    def __post_init__(self) -> None:
        sets = {names: frozenset(names) for names in set(self.within.values())}
        object.__setattr__(self, "places", {key: sets[names] for key, names in self.within.items()})

    def may(self, permission: Permission, namespace: str | None) -> bool:
        """None asks for the whole tenant, which no namespace grants."""
        key = (permission.resource, permission.action)
        if key in self.everywhere:
            return True
        if namespace is None:
            return False
        places = self.places.get(key)
        if places is not None and any(name in places for name in lineage(namespace)):
            return True
        return namespace in self.exactly.get(key, ())

    def may_anywhere(self, permission: Permission) -> bool:
        key = (permission.resource, permission.action)
        return key in self.everywhere or key in self.within

    def namespaces(self, permission: Permission) -> tuple[str, ...] | None:
        key = (permission.resource, permission.action)
        return None if key in self.everywhere else self.within.get(key, ())

    def knows_of(self, resource: str, namespace: str | None) -> bool:
        """Whoever may look at such things there, or change them, knows of them."""
        if any(name == resource for name, _ in self.everywhere):
            return True
        if any(name == resource and namespace in namespaces for (name, _), namespaces in self.exactly.items()):
            return True
        return any(
            name == resource and (namespace is None or any(covers(granted, namespace) for granted in namespaces))
            for (name, _), namespaces in self.within.items()
        )

    def includes(self, wanted: Mapping[str, Iterable[str]], namespace: str | None) -> list[str]:
        """Of the wanted permissions, those that are not held there: nobody gives what they do not have."""
        return [
            f"{resource}.{action}"
            for resource, actions in wanted.items()
            for action in actions
            if not self.may(Permission(resource, action), namespace)
        ]


NONE = Grants()


def covers(granted: str, namespace: str) -> bool:
    """`prod` covers `prod` and `prod.engineering`, not `production`."""
    return namespace == granted or namespace.startswith(f"{granted}.")


def compile_grants(held: Iterable[Held], *, is_member: bool) -> Grants:
    """From (namespace or None, permissions) of each binding."""
    everywhere: set[tuple[str, str]] = set()
    within: dict[tuple[str, str], set[str]] = {}
    for namespace, permissions in held:
        for resource, actions in permissions.items():
            for action in actions:
                if namespace is None:
                    everywhere.add((resource, action))
                else:
                    within.setdefault((resource, action), set()).add(namespace)
    # Roles are few beside namespaces, so most actions are held in the same ones: each such set is worked out once.
    found: dict[frozenset[str], tuple[str, ...]] = {}
    narrowed: dict[tuple[str, str], tuple[str, ...]] = {}
    for key, names in within.items():
        if key not in everywhere:
            same = frozenset(names)
            narrowed[key] = found[same] if same in found else found.setdefault(same, _outermost(names))
    return Grants(is_member, frozenset(everywhere), narrowed)


def _outermost(names: set[str]) -> tuple[str, ...]:
    """In order, without those that another one covers: a list is narrowed by as few as possible."""
    return tuple(sorted(name for name in names if not any(above in names for above in lineage(name)[:-1])))
